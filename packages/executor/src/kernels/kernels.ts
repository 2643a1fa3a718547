/**
 * The kernels that the runtime calls (AssemblyScript sources in `kernels/`). Addresses and sizes are u32: what they return
 * comes as a signed number, so `>>> 0`. `valid` is the address of one byte per row, or 0 when none is NULL.
 */
export interface Kernels extends MemoryKernels, ArrowKernels, RuntimeFilterKernels, SpillKernels {}

/** kernels/pipelines/runtime-filter.ts */
export interface RuntimeFilterKernels {
  /** 0: no value between the bounds passes. */
  runtimeFilterMayPass(filter: number, low: bigint, high: bigint): number;
}

/** kernels/pipelines/spill.ts */
export interface SpillKernels {
  /** A block with rows, or 0: all are written. */
  spoolPending(writer: number): number;
  /** 0: out of memory; 2: the partition's entries are to be folded. */
  spoolWritten(writer: number, block: number, checksum: number, arena: number): number;
  /** Address of the partition's folder. */
  spoolFold(writer: number, partition: number): number;
  spoolUnfold(spool: number, partition: number): void;
  spoolUnfoldPage(spool: number, partition: number, page: number, entries: number): void;
  /** u32 of bytes, which follow others of the checksum `before`, or 0. */
  spoolChecksum(address: number, length: number, before: number): number;
  spoolLand(spool: number, row: number, rows: number, end: number): void;
}

/** kernels/memory.ts */
export interface MemoryKernels {
  initializeHeap(pages: number): void;
  /** 0: the query's limit or the memory is exhausted. */
  slabAllocate(query: number, bytes: number): number;
  /** The same, of `bytes` rounded up to 64 KiB; given back by `slabFreeTrimmed` with so many. */
  slabAllocateTrimmed(query: number, bytes: number): number;
  slabFreeTrimmed(query: number, slab: number, bytes: number): void;
  slabFree(query: number, slab: number): void;
  /** What the thread's slabs are for from now on (memory/held-memory.ts); what they were for before. */
  chargeTo(purpose: number): number;
  /** Every slab charged to the query. */
  slabFreeAll(query: number): void;
  /** What a slab of at least `bytes` takes. */
  slabBytes(bytes: number): number;
  heapFreeBytes(): bigint;
  /** kernels/column-cache.ts: what the column cache would give back to queries. */
  cacheBytes(): bigint;
  arenaInitialize(arena: number, query: number): void;
  /** 8-aligned; 0: out of memory. */
  arenaAllocate(arena: number, bytes: number): number;
  arenaReset(arena: number): void;
  arenaFree(arena: number): void;
}

/** kernels/arrow.ts. Those that return a status return 0 for failure. */
export interface ArrowKernels {
  packBits(bytes: number, count: number, out: number): number;
  bitmapToBytes(bits: number, firstBit: number, count: number, out: number): number;
  stringBytes(references: number, valid: number, count: number): number;
  stringsToArrow(references: number, valid: number, count: number, offsets: number, bytes: number): void;
  keepStrings(references: number, valid: number, from: number, to: number, arena: number): number;
  stringsFromArrow(offsets: number, count: number, bytes: number, out: number): void;
  fixedBytesFromArrow(width: number, count: number, bytes: number, out: number): void;
  stringsFromViews(views: number, valid: number, count: number, buffers: number, out: number): void;
  widenInt64(values: number, count: number, out: number): void;
  widenInt32(values: number, count: number, signed: number, out: number): void;
  narrowInt64(values: number, count: number, out: number): void;
  narrowInt128(values: number, valid: number, count: number, out: number): number;
  multiplyInt64(values: number, valid: number, count: number, factor: number, out: number): number;
  uuidsToArrow(values: number, count: number, out: number): void;
  uuidsFromArrow(bytes: number, count: number, out: number): void;
  intervalsToArrow(values: number, valid: number, count: number, out: number): number;
  intervalsFromArrow(intervals: number, valid: number, count: number, out: number): number;
  gatherValues(
    values: number,
    dictionaryCount: number,
    width: number,
    indices: number,
    valid: number,
    count: number,
    out: number,
  ): number;
  extremesInt32(values: number, valid: number, count: number): number;
  extremesInt64(values: number, valid: number, count: number): number;
  extremesUint64(values: number, valid: number, count: number): number;
  extremesFloat32(values: number, valid: number, count: number): number;
  extremesFloat64(values: number, valid: number, count: number): number;
}
