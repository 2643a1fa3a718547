import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import { type DataType, decimal, int64, MAX_DECIMAL_PRECISION, MAX_DECIMAL64_PRECISION } from "@headcut/plan";

/**
 * Between nodes, values of some types travel as those of another one that the engine stores alike: decimals of up to 18 digits as
 * their 64 bits, not the 128 that Arrow has for them; UUIDs as they are, not turned round; intervals as they are, since Arrow's
 * nanoseconds do not reach as far. Both sides know the column's real type from the plan.
 */
const wireType = (type: DataType): DataType => {
  switch (type.kind) {
    case "decimal":
      return type.precision <= MAX_DECIMAL64_PRECISION ? int64 : type;
    case "interval":
    case "uuid":
      return decimal(MAX_DECIMAL_PRECISION, 0);
    default:
      return type;
  }
};

/** The columns as they travel; the same list if that is as they are. */
export const wireColumns = <T extends { readonly type: DataType }>(columns: readonly T[]): readonly T[] =>
  columns.some(({ type }) => wireType(type) !== type)
    ? columns.map((column) => ({ ...column, type: wireType(column.type) }))
    : columns;

/** Whether `unwired` knows how. */
export const canUnwire = (columns: readonly { readonly type: DataType }[]): boolean =>
  columns.every(({ type }) => type.kind !== "interval" && type.kind !== "uuid");

/** Rows that travelled, as the engine gives results with these columns. */
export const unwired = (batch: EncodedBatch, columns: readonly { readonly type: DataType }[]): EncodedBatch =>
  wireColumns(columns) === columns
    ? batch
    : {
        ...batch,
        columns: batch.columns.map((column, i) =>
          wireType(columns[i]!.type) === columns[i]!.type ? column : widened(column, batch.rowCount),
        ),
      };

/** 64-bit integers as 128-bit ones. */
const widened = (column: EncodedColumn, rowCount: number): EncodedColumn => {
  const { buffer, byteOffset } =
    column.values.byteOffset % 4 === 0 ? column.values : Uint8Array.prototype.slice.call(column.values);
  const from = new Int32Array(buffer, byteOffset, 2 * rowCount);
  const to = new Int32Array(4 * rowCount);
  for (let i = 0; i < rowCount; i++) {
    const high = from[2 * i + 1]!;
    to[4 * i] = from[2 * i]!;
    to[4 * i + 1] = high;
    to[4 * i + 2] = high >> 31;
    to[4 * i + 3] = high >> 31;
  }
  return { ...column, values: new Uint8Array(to.buffer) };
};
