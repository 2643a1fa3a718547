/**
 * The kernels that the host calls (AssemblyScript sources in `kernels/`). Addresses and sizes are u32: what they return
 * comes as a signed number, so `>>> 0`.
 */
export interface Kernels {
  initializeHeap(pages: number): void;
  /** 0: the query's limit or the memory is exhausted. */
  slabAllocate(query: number, bytes: number): number;
  slabFree(query: number, slab: number): void;
  /** What a slab of at least `bytes` takes. */
  slabBytes(bytes: number): number;
  heapFreeBytes(): bigint;
  arenaInitialize(arena: number, query: number): void;
  /** 8-aligned; 0: out of memory. */
  arenaAllocate(arena: number, bytes: number): number;
  arenaReset(arena: number): void;
  arenaFree(arena: number): void;
}
