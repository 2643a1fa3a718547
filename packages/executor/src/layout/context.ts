/**
 * Blocks that compiled code, kernels and host share, as byte offsets from their address. All fields u32 unless said.
 * The host makes and frees them; compiled code only follows them.
 */

/** One per query: limits and the flag that stops it. */
export const queryBlock = {
  /** Not 0: stop as soon as possible (checked once a batch and inside long loops). */
  cancel: 0,
  /** u64: bytes of slabs this query may hold. */
  limitBytes: 8,
  /** u64, atomic. */
  usedBytes: 16,
  /** u64, atomic. */
  peakBytes: 24,
  bytes: 32,
} as const;

/** One per pipeline and thread, the first argument of every compiled function. */
export const threadContext = {
  /** Address of the query block. */
  query: 0,
  /** Address of the query's operator states, laid out by the pipeline compiler, zeroed at start. */
  states: 4,
  /** Address of the pipeline's constants, laid out by the pipeline compiler. */
  constants: 8,
  threadIndex: 12,
  threadCount: 16,
  /** Address of the pipeline's arena on this thread (rows of builds, groups, results): most share one, which lives as long as the query. */
  arena: 20,
  /** Address of the thread's scratch arena, reset by the host before each batch (results of string functions). */
  scratch: 24,
  /** Rows that left each operator, for EXPLAIN ANALYZE: address of one u64 per operatorId of the plan, the thread's own. */
  rowCounts: 28,
  /** Address of the thread's result buffer (result-buffer.ts). */
  results: 32,
  /** Address of the thread's arena for what outlives the pipeline's own `arena`, where that is emptied before the query ends. */
  keep: 36,
  /** Start of the pipeline's own thread state, zeroed at start. */
  local: 40,
} as const;

/** A bump allocator over slabs that all stay until it is reset or freed. */
export const arenaBlock = {
  query: 0,
  /** Next free byte; 8-aligned. */
  next: 4,
  end: 8,
  /** Newest slab; each slab begins with { previous slab, slab bytes }. */
  slab: 12,
  bytes: 16,
} as const;
