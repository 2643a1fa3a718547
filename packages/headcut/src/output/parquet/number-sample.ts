import type * as Arrow from "apache-arrow";

/** Numbers of a column, NULLs left out. */
export interface NumberSample {
  /** 64-bit integers to the nearest double: good enough to tell how large they are and how many. */
  readonly values: Float64Array;
  /** Of a value as Parquet stores it. */
  readonly bytes: 4 | 8;
  readonly isInteger: boolean;
}

type Form = "numbers" | "int64" | "uint64" | "int128";

/** How Arrow keeps the type's values, and how Parquet will; undefined for what is no number of at most 64 bits there. */
const formOf = (
  arrow: typeof Arrow,
  type: Arrow.DataType,
): (Omit<NumberSample, "values"> & { readonly form: Form }) | undefined => {
  if (arrow.DataType.isInt(type)) {
    if (type.bitWidth < 64) return { form: "numbers", bytes: 4, isInteger: true };
    return { form: type.isSigned ? "int64" : "uint64", bytes: 8, isInteger: true };
  }
  if (arrow.DataType.isFloat(type) && type.precision !== arrow.Precision.HALF)
    return { form: "numbers", bytes: type.precision === arrow.Precision.SINGLE ? 4 : 8, isInteger: false };
  if (arrow.DataType.isDate(type) && type.unit === arrow.DateUnit.DAY)
    return { form: "numbers", bytes: 4, isInteger: true };
  if (arrow.DataType.isTimestamp(type) || (arrow.DataType.isTime(type) && type.bitWidth === 64))
    return { form: "int64", bytes: 8, isInteger: true };
  if (arrow.DataType.isDecimal(type) && type.bitWidth === 128 && type.precision <= 18)
    return { form: "int128", bytes: type.precision <= 9 ? 4 : 8, isInteger: true };
  return undefined;
};

const HIGH = 2 ** 32;

/** Puts the column's values to `target` from index `at`; returns the index behind the last. */
const copyNumbers = (data: Arrow.Data, form: Form, target: Float64Array, at: number): number => {
  const { length, nullCount } = data;
  const values: ArrayBufferView & { readonly [row: number]: number | bigint } = data.values;
  // Integers as 32-bit words, the lowest first.
  const words = form === "numbers" ? undefined : new Int32Array(values.buffer, values.byteOffset);
  let next = at;
  for (let row = 0; row < length; row++) {
    if (nullCount > 0 && !data.getValid(row)) continue;
    if (words === undefined) target[next++] = values[row] as number;
    else {
      const word = form === "int128" ? row * 4 : row * 2;
      const high = form === "uint64" ? words[word + 1]! >>> 0 : words[word + 1]!;
      target[next++] = high * HIGH + (words[word]! >>> 0);
    }
  }
  return next;
};

/** The numbers of column `index` in all batches; undefined if Parquet does not store them as numbers of 32 or 64 bits. */
export const sampleNumbers = (
  arrow: typeof Arrow,
  batches: readonly Arrow.RecordBatch[],
  index: number,
): NumberSample | undefined => {
  const found = batches[0] && formOf(arrow, batches[0].schema.fields[index]!.type);
  if (found === undefined) return undefined;
  const { form, ...sample } = found;
  const values = new Float64Array(batches.reduce((rows, { numRows }) => rows + numRows, 0));
  let count = 0;
  for (const { data } of batches) count = copyNumbers(data.children[index]!, form, values, count);
  return { values: values.subarray(0, count), ...sample };
};
