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

/** Memory of a query, piece by piece. */
export interface SlabPool {
  /** Throws QueryError "out-of-memory". */
  acquire(bytes: number): Slab;
  release(slab: Slab): void;
  /** Gives all memory back, also of slabs that nobody released. */
  close(): void;
}

/** Slabs of a power of two, kept for the next taker of the same size. */
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

const PAGE_BYTES = 65536;
/** Smaller pieces share a slab: of the sizes 1, 2, 4 … 32 KiB. */
const MOST_SHARED_BYTES = PAGE_BYTES / 2;
const LEAST_SHARED_BYTES = 1024;

/** No more than is asked for, rounded up, and nothing kept that may be needed elsewhere but shares of slabs. */
export const createFrugalPool = (kernels: Kernels, query: number): SlabPool => {
  /** Pieces of shared slabs by size. */
  const free = new Map<number, number[]>();
  const shared: number[] = [];
  const used = new Map<number, number>();

  const take = (bytes: number): number => {
    const address = kernels.slabAllocateTrimmed(query, bytes) >>> 0;
    if (address === 0) throw outOfMemory(bytes);
    return address;
  };
  const share = (size: number): number => {
    let pieces = free.get(size);
    if (pieces === undefined) {
      pieces = [];
      free.set(size, pieces);
    }
    if (pieces.length === 0) {
      const slab = take(PAGE_BYTES);
      shared.push(slab);
      for (let at = slab + PAGE_BYTES - size; at >= slab; at -= size) pieces.push(at);
    }
    return pieces.pop()!;
  };

  return {
    acquire(bytes) {
      const wanted = bytes + PADDING_BYTES;
      if (wanted > MAX_SLAB_BYTES) throw outOfMemory(bytes);
      const isShared = wanted <= MOST_SHARED_BYTES;
      const size = isShared
        ? Math.max(LEAST_SHARED_BYTES, 2 ** Math.ceil(Math.log2(wanted)))
        : Math.ceil(wanted / PAGE_BYTES) * PAGE_BYTES;
      const address = isShared ? share(size) : take(size);
      used.set(address, size);
      return { address, bytes };
    },
    release({ address }) {
      const size = used.get(address);
      if (size === undefined) throw new Error("internal error: slab released twice");
      used.delete(address);
      if (size <= MOST_SHARED_BYTES) free.get(size)!.push(address);
      else kernels.slabFreeTrimmed(query, address, size);
    },
    close() {
      for (const [address, size] of used) {
        if (size > MOST_SHARED_BYTES) kernels.slabFreeTrimmed(query, address, size);
      }
      for (const slab of shared) kernels.slabFreeTrimmed(query, slab, PAGE_BYTES);
      used.clear();
      free.clear();
      shared.length = 0;
    },
  };
};

const outOfMemory = (bytes: number): QueryError =>
  new QueryError("out-of-memory", `reading Parquet needs ${bytes} bytes more than the query may use`, {
    hint: "Raise the memory limit.",
  });
