import type { EncodedColumn } from "@headcut/executor";
import { assert, type DataType, unreachable, type Value } from "@headcut/plan";

/** Reads the value of one row; NULL as null. */
export type ValueReader = (row: number) => Value;

/**
 * A reader over the buffers of one column of `count` rows, as results lay them out, giving plan values (see `Value` in
 * `@headcut/plan`) without loss. One closure per column and batch, none per value.
 */
export const readValues = (column: EncodedColumn, type: DataType, count: number): ValueReader => {
  const value = presentValues(column, type, count);
  const { nullCount, validity } = column;
  if (nullCount === 0 || validity === undefined || validity.length === 0) return value;
  return (row) => (((validity[row >> 3]! >> (row & 7)) & 1) === 0 ? null : value(row));
};

const decoder = new TextDecoder();

const presentValues = (column: EncodedColumn, type: DataType, count: number): ValueReader => {
  const { buffer, byteOffset, byteLength } = column.values;
  // Those of a cluster may be a Buffer, whose slices are not copies.
  const values = new Uint8Array(buffer, byteOffset, byteLength);
  switch (type.kind) {
    case "null":
      return () => null;
    case "boolean":
      return (row) => ((values[row >> 3]! >> (row & 7)) & 1) === 1;
    case "int8":
      return numbers(new Int8Array(buffer, byteOffset, count));
    case "uint8":
      return numbers(values);
    case "int16":
      return numbers(new Int16Array(buffer, byteOffset, count));
    case "uint16":
      return numbers(new Uint16Array(buffer, byteOffset, count));
    case "int32":
    case "date":
      return numbers(new Int32Array(buffer, byteOffset, count));
    case "uint32":
      return numbers(new Uint32Array(buffer, byteOffset, count));
    case "float":
      return numbers(new Float32Array(buffer, byteOffset, count));
    case "double":
      return numbers(new Float64Array(buffer, byteOffset, count));
    case "int64":
    case "time":
    case "timestamp": {
      const integers = new BigInt64Array(buffer, byteOffset, count);
      return (row) => integers[row]!;
    }
    case "uint64": {
      const integers = new BigUint64Array(buffer, byteOffset, count);
      return (row) => integers[row]!;
    }
    case "decimal": {
      const words = new BigInt64Array(buffer, byteOffset, 2 * count);
      return (row) => (words[2 * row + 1]! << 64n) | BigInt.asUintN(64, words[2 * row]!);
    }
    case "interval": {
      // MonthDayNano: months i32, days i32, nanoseconds i64.
      const words = new BigInt64Array(buffer, byteOffset, 2 * count);
      const halves = new Int32Array(buffer, byteOffset, 4 * count);
      return (row) => ({ months: halves[4 * row]!, days: halves[4 * row + 1]!, micros: words[2 * row + 1]! / 1000n });
    }
    case "varchar": {
      const bytes = variableBytes(column, values);
      return (row) => decoder.decode(bytes(row));
    }
    case "blob": {
      const bytes = variableBytes(column, values);
      return (row) => bytes(row).slice();
    }
    case "uuid":
      return (row) => values.slice(row * 16, row * 16 + 16);
    default:
      return unreachable(type);
  }
};

const numbers =
  (values: { readonly [row: number]: number }): ValueReader =>
  (row) =>
    values[row]!;

const variableBytes = ({ offsets }: EncodedColumn, values: Uint8Array): ((row: number) => Uint8Array) => {
  assert(offsets !== undefined, "a column of texts or bytes without offsets");
  return (row) => values.subarray(offsets[row]!, offsets[row + 1]!);
};
