import type { Dictionary } from "../parquet/dictionary.ts";

/** A decoded column chunk. Immutable; all addresses with padding behind. */
export interface ColumnEntry {
  readonly slab: number;
  readonly bytes: number;
  /** One value per row, in `valuesWidth` bytes: those of the type's storage, or 4 for 64-bit integers that fit. 0 if there are codes. */
  readonly values: number;
  readonly valuesWidth: number;
  /** One validity byte per row; 0: no row is NULL. */
  readonly valid: number;
  /** One code per row in 1, 2 or 4 bytes; 0 if there are values. */
  readonly codes: number;
  readonly codesWidth: number;
  /** What the codes stand for. */
  readonly dictionary: Dictionary | undefined;
}
