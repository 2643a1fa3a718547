import type { Dictionary } from "./dictionary.ts";
import type { FlatColumn } from "./schema.ts";

/** Gives one column's rows to batches, in order: decoded from the file, or from the column cache. */
export interface ColumnSource {
  readonly column: Pick<FlatColumn, "type">;
  /** Forgets the last batch. */
  beginBatch(): void;
  skip(count: number): void;
  /** Makes the next `count` rows rows `at` … of the batch; within a batch `at` grows. */
  read(at: number, count: number): void;
  /** The chunk's dictionary before any row is read; undefined if the chunk does not begin with one. */
  peekDictionary(): Dictionary | undefined;
  /** The dictionary has all of the chunk's values that are not NULL. */
  readonly isAllCodes: boolean;
  /** The dictionary, if all of the batch's rows read so far are codes of it. */
  readonly codes: Dictionary | undefined;
  /** Address of the codes of the batch, in `packedCodesWidth` bytes each: 1, 2 or 4. */
  readonly packedCodes: number;
  readonly packedCodesWidth: number;
  /** Address of one validity byte per row, or 0. */
  readonly validAddress: number;
  /** Makes what follows readable, for `count` rows of a selection (0: the first `count`) of a batch of `rows`. */
  fill(selection: number, count: number, rows: number): void;
  /** As a batch has them: one u32 per row; 0 when the batch is not codes. */
  readonly codesAddress: number;
  /** When the batch is not codes. */
  readonly valuesAddress: number;
  /** Gives back what the chunk holds; the last batch is gone with it. */
  endChunk(): void;
}

/** A source that decodes. */
export interface ChunkDecoder extends ColumnSource {
  readonly column: FlatColumn;
  /** Makes values of a batch of codes. */
  settleValues(): void;
}
