/**
 * Materialized rows that one pipeline leaves for another: groups, sorted rows, unmatched build rows, CTE results. The head lies in
 * the query's states block at an offset the source names; it points to segments of at most `ROW_SEGMENT_ROWS` rows.
 *
 * A row source hands each segment to compiled code by one call of `process(context, batch, selection, count)`, with the segment's
 * own fields; the host needs to know nothing about the rows in it. Segments may be claimed by threads in any order, unless
 * the source is ordered: then one thread takes them in sequence.
 */
export const ROW_SEGMENT_ROWS = 4096;

/** Byte offsets in the head, in the states block, 8-aligned. Zeroed = no rows. */
export const rowListHead = {
  /** u32: address of the array of segments. */
  segments: 0,
  /** u32 */
  segmentCount: 4,
  /** u64: rows of all segments together, for progress and metrics. */
  rowCount: 8,
  bytes: 16,
} as const;

/** Byte offsets in a segment's entry, each u32. Rows lie either one after another or anywhere, with an array of addresses. */
export const rowSegment = {
  /** Address of the first row when rows lie one after another; otherwise 0. */
  batch: 0,
  /** Address of one u32 per row, the row's address; or 0 when rows lie one after another. */
  selection: 4,
  count: 8,
  bytes: 16,
} as const;
