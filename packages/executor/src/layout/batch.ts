/**
 * The batch: what a scan hands to a compiled pipeline. At most `BATCH_ROWS` rows of some columns, described by one
 * entry of `COLUMN_ENTRY_BYTES` per column, at `batch + column * COLUMN_ENTRY_BYTES`. All fields are u32.
 */
export const BATCH_ROWS = 4096;
export const COLUMN_ENTRY_BYTES = 32;

/** Byte offsets inside a column's entry. */
export const columnEntry = {
  /**
   * Address of the values, dense, in the storage of the column's type. The value of a NULL row is unspecified but readable. Unspecified
   * when `codes` is not 0.
   */
  values: 0,
  /** Address of one byte per row, 1 = valid, 0 = NULL; or 0 when no row of this batch is NULL. */
  valid: 4,
  /** Address of one u32 per row, the value's index in the dictionary; or 0 when the batch is not dictionary-encoded. NULL rows have code 0. */
  codes: 8,
  /** Address of the dictionary's values (same storage), when `codes` is not 0. */
  dictionary: 12,
  /** Number of values in the dictionary. */
  dictionaryCount: 16,
  /** Changes whenever the dictionary does; never 0. For per-dictionary caches. */
  dictionaryId: 20,
} as const;
