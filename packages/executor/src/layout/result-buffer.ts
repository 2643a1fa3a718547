/**
 * Where the result sink puts rows: one buffer per thread, made by the runtime, its address in `threadContext.results`.
 * The sink appends row `rowCount` (values in the storage of each column's type, validity bytes), adds one to
 * `rowCount`, and when that reaches `capacity` calls the import `host.emit(context: i32) → ()`, which takes the rows away and
 * sets `rowCount` to 0. What is left at the end of the pipeline the runtime takes. Strings' bytes need to live only
 * until `process` returns: the runtime copies them. All fields u32.
 */
export const resultBuffer = {
  rowCount: 0,
  /** At least 1; up to the runtime. */
  capacity: 4,
  /** The runtime's own: rows whose strings it has already copied. */
  stableRows: 8,
  /** One entry of `RESULT_COLUMN_BYTES` per result column. */
  columns: 16,
} as const;

export const RESULT_COLUMN_BYTES = 8;

export const resultColumn = {
  /** Address of `capacity` values. */
  values: 0,
  /** Address of `capacity` bytes, 1 = valid, 0 = NULL; 0 when the column is not nullable. */
  valid: 4,
} as const;
