/**
 * A column of a batch, in the form the generator produces fastest. What its numbers mean (a key, cents, days)
 * is the matter of the schema, not of the column.
 */
export type Column = NumberColumn | TextColumn | WordColumn;

/** Integers: keys and counts, cents, or days since 1970-01-01. Keys that may exceed 2^31 are doubles. */
export interface NumberColumn {
  readonly kind: "number";
  readonly values: Int32Array | Float64Array;
}

/** Strings of UTF-8 bytes laid end to end: row i is bytes offsets[i] … offsets[i + 1]. */
export interface TextColumn {
  readonly kind: "text";
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Strings from a short list: row i is words[codes[i]]. */
export interface WordColumn {
  readonly kind: "word";
  readonly codes: Uint8Array;
  readonly words: readonly Uint8Array[];
}

/** Some consecutive rows of a table; the columns stand in the order of the schema. */
export interface Batch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

export function numberColumn(values: Int32Array | Float64Array): NumberColumn {
  return { kind: "number", values };
}

export function wordColumn(codes: Uint8Array, words: readonly Uint8Array[]): WordColumn {
  return { kind: "word", codes, words };
}
