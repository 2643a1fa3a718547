import { QueryError } from "@headcut/plan";
import type { Kernels } from "../kernels/kernels.ts";

/**
 * Bytes behind the end of every buffer that kernels may read and overwrite: they decode whole groups of 32 values and copy up
 * to 64 bytes at once.
 */
export const PADDING_BYTES = 128;

const MAX_SLAB_BYTES = 2 ** 31;

export interface Slab {
  readonly address: number;
  /** What was asked for; `PADDING_BYTES` more are there. */
  readonly bytes: number;
}

/** Slabs of a query's memory that are kept for the next taker of the same size. */
export interface SlabPool {
  /** Throws QueryError "out-of-memory". */
  acquire(bytes: number): Slab;
  release(slab: Slab): void;
  /** Gives all memory back, also of slabs that nobody released. */
  close(): void;
}

export const createSlabPool = (kernels: Kernels, query: number): SlabPool => {
  const free = new Map<number, number[]>();
  const used = new Map<number, number>();

  const dropFree = (): void => {
    for (const addresses of free.values()) for (const address of addresses) kernels.slabFree(query, address);
    free.clear();
  };
  const allocate = (bytes: number): number => {
    const address = kernels.slabAllocate(query, bytes) >>> 0;
    if (address !== 0 || free.size === 0) return address;
    dropFree();
    return kernels.slabAllocate(query, bytes) >>> 0;
  };

  return {
    acquire(bytes) {
      const wanted = bytes + PADDING_BYTES;
      if (wanted > MAX_SLAB_BYTES) throw outOfMemory(bytes);
      const size = kernels.slabBytes(wanted) >>> 0;
      const address = free.get(size)?.pop() ?? allocate(wanted);
      if (address === 0) throw outOfMemory(bytes);
      used.set(address, size);
      return { address, bytes };
    },
    release({ address }) {
      const size = used.get(address);
      if (size === undefined) throw new Error("internal error: slab released twice");
      used.delete(address);
      const same = free.get(size);
      if (same === undefined) free.set(size, [address]);
      else same.push(address);
    },
    close() {
      dropFree();
      for (const address of used.keys()) kernels.slabFree(query, address);
      used.clear();
    },
  };
};

const outOfMemory = (bytes: number): QueryError =>
  new QueryError("out-of-memory", `reading Parquet needs ${bytes} bytes more than the query may use`, {
    hint: "Raise the memory limit.",
  });
