import type { KernelMemory } from "./kernel-memory.ts";

/** One kernel on one kind of input. */
export interface KernelCase {
  readonly name: string;
  /** Lays out the input; what is returned is timed. */
  readonly prepare: (memory: KernelMemory) => PreparedKernel;
}

export interface PreparedKernel {
  /** How many values one call makes. */
  readonly values: number;
  /** The larger of what a call reads and what it writes; to copy as much is the floor. */
  readonly byteLength: number;
  readonly call: () => void;
}

/** The same pseudo-random 32-bit numbers in every run (xorshift32). */
export const randomNumbers = (seed: number): (() => number) => {
  let state = seed * 0x9e3779b9 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
};

export const fillRandom = (bytes: Uint8Array, seed: number): void => {
  const next = randomNumbers(seed);
  for (let index = 0; index < bytes.length; index++) bytes[index] = next();
};
