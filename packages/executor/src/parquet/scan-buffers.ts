import { COLUMN_ENTRY_BYTES } from "../layout/batch.ts";
import { type Storage, storageLayout } from "../layout/storage.ts";
import type { ColumnBuffers } from "./column-reader.ts";
import { PADDING_BYTES, type SlabPool } from "./slab-pool.ts";
import { DECODER_STATE_BYTES } from "./value-decoder.ts";

/** The memory of a scan that does not depend on what it reads: one slab, laid out once. */
export interface ScanBuffers {
  /** Rows of a batch, at most. */
  readonly rows: number;
  /** The batch that consumers see, and one of the same shape for filters over a dictionary. */
  readonly batch: number;
  readonly dictionaryBatch: number;
  readonly columns: readonly ColumnBuffers[];
  /** Two lists of a batch's row numbers. */
  readonly selections: readonly [number, number];
  /** Pairs of a batch's row numbers. */
  readonly ranges: number;
  /** A batch of bytes that are all 0: the validity of NULLs, and (16 bytes each) their values. */
  readonly nullValid: number;
  readonly nullValues: number;
}

const ROW_NUMBER_BYTES = 4;
const CODE_BYTES = 4;
const MAX_PHYSICAL_BYTES = 8;
const MAX_STORAGE_BYTES = 16;

export const layOutScanBuffers = (storages: readonly Storage[], rows: number, pool: SlabPool): ScanBuffers => {
  let size = 0;
  /** Room for a padded piece, as its offset. */
  const reserve = (bytes: number): number => {
    const offset = size;
    size += (bytes + PADDING_BYTES + 15) & ~15;
    return offset;
  };
  const entries = Math.max(1, storages.length) * COLUMN_ENTRY_BYTES;
  const batch = reserve(entries);
  const dictionaryBatch = reserve(entries);
  const selections = [reserve(rows * ROW_NUMBER_BYTES), reserve(rows * ROW_NUMBER_BYTES)] as const;
  const ranges = reserve(rows * 2 * ROW_NUMBER_BYTES);
  const nullValid = reserve(rows);
  const nullValues = reserve(rows * MAX_STORAGE_BYTES);
  const physical = reserve(rows * MAX_PHYSICAL_BYTES);
  const dense = reserve(rows * MAX_STORAGE_BYTES);
  const columns = storages.map((storage) => ({
    values: reserve(rows * storageLayout[storage].bytes),
    valid: reserve(rows),
    codes: reserve(rows * CODE_BYTES),
    levelState: reserve(DECODER_STATE_BYTES),
    valueState: reserve(DECODER_STATE_BYTES),
  }));

  const base = pool.acquire(size).address;
  return {
    rows,
    batch: base + batch,
    dictionaryBatch: base + dictionaryBatch,
    selections: [base + selections[0], base + selections[1]],
    ranges: base + ranges,
    nullValid: base + nullValid,
    nullValues: base + nullValues,
    columns: columns.map((column) => ({
      values: base + column.values,
      valid: base + column.valid,
      codes: base + column.codes,
      levelState: base + column.levelState,
      valueState: base + column.valueState,
      physical: base + physical,
      dense: base + dense,
    })),
  };
};
