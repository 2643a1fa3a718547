import type { Kernels } from "../kernels/kernels.ts";
import { type PipelineKernel, pipelineKernels } from "./kernel-signatures.ts";

const names = Object.keys(pipelineKernels) as PipelineKernel[];
const slots = new Map(names.map((name, slot) => [name, slot]));

/** Where compiled code finds the kernel in `env.table`. */
export const kernelSlot = (name: PipelineKernel): number => slots.get(name)!;

/**
 * A thread's kernels of kernels/pipelines, for compiled code to call through a table. As imports, V8 would compile code for the signature of
 * each into every module, a third of a millisecond for a query; calls take as long either way.
 */
export const kernelTable = (kernels: Kernels): WebAssembly.Table => {
  const table = new WebAssembly.Table({ element: "anyfunc", initial: names.length });
  const exports = kernels as unknown as Record<PipelineKernel, unknown>;
  names.forEach((name, slot) => {
    table.set(slot, exports[name]);
  });
  return table;
};
