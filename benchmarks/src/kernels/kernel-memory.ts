import { readFileSync } from "node:fs";

const PAGE_BYTES = 65_536;
const MEMORY_PAGES = 4096;
/** Behind the kernels' own data. */
const FIRST_FREE = 16 << 20;
/** Kernels may read and write this much behind the end of what they are given. */
const PADDING = 128;

/** A kernel takes and gives numbers, addresses among them; references to strings are bigints. */
export type Kernel = (...values: readonly (number | bigint)[]) => number | bigint;

/** The kernels over a memory of their own. */
export interface KernelMemory {
  /** Throws Error when there is no such kernel. */
  readonly kernel: (name: string) => Kernel;
  /** Bytes to fill, and their address. All of them start at a multiple of 64. */
  readonly allocate: (byteLength: number) => { readonly address: number; readonly bytes: Uint8Array };
  /** Forgets all allocations. */
  readonly reset: () => void;
}

export const openKernels = (): KernelMemory => {
  const path = new URL("../../../packages/executor/dist/kernels.wasm", import.meta.url);
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: 65_536, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), { env: { memory } });
  let next = FIRST_FREE;
  return {
    kernel: (name) => {
      const found = exports[name];
      if (typeof found !== "function") throw new Error(`there is no kernel ${name}`);
      return found as Kernel;
    },
    allocate: (byteLength) => {
      const address = next;
      next += Math.ceil((byteLength + PADDING) / 64) * 64;
      if (next > MEMORY_PAGES * PAGE_BYTES) throw new Error("the kernels' memory is full");
      return { address, bytes: new Uint8Array(memory.buffer, address, byteLength) };
    },
    reset: () => {
      next = FIRST_FREE;
    },
  };
};
