import type { Kernels } from "../kernels/kernels.ts";
import { instantiateKernels, kernelsModule } from "../kernels/load.ts";
import { createSharedMemory, PAGE_BYTES, type SharedMemory } from "./shared-memory.ts";

/** The shared memory together with the calling thread's kernels over it. */
export interface Heap {
  readonly memory: SharedMemory;
  readonly kernels: Kernels;
}

/** A new memory with an empty heap of about `limitBytes`; once per process, by its main thread. */
export const createHeap = (limitBytes?: number): Heap => {
  const memory = createSharedMemory(limitBytes);
  const kernels = instantiateKernels(kernelsModule(), memory.memory);
  kernels.initializeHeap(memory.bytes.length / PAGE_BYTES);
  return { memory, kernels };
};
