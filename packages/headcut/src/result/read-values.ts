import { type DataType, unreachable, type Value } from "@headcut/plan";
import { type Data, Type } from "apache-arrow";

/** Reads the value of one row; NULL as null. */
export type ValueReader = (row: number) => Value;

/**
 * A reader over the buffers of one Arrow column, as the executor's results lay them out, giving plan values (see
 * `Value` in `@headcut/plan`) without loss. One closure per column and batch, none per value.
 */
export const readValues = (data: Data, type: DataType): ValueReader => {
  const value = presentValues(data, type);
  const bitmap = data.nullBitmap;
  if (data.nullCount === 0 || bitmap.length === 0) return value;
  const first = data.offset;
  return (row) => {
    const bit = first + row;
    return ((bitmap[bit >> 3]! >> (bit & 7)) & 1) === 0 ? null : value(row);
  };
};

const decoder = new TextDecoder();

const words64 = (values: ArrayBufferView): BigInt64Array =>
  new BigInt64Array(values.buffer, values.byteOffset, values.byteLength >> 3);

const presentValues = (data: Data, type: DataType): ValueReader => {
  switch (type.kind) {
    case "null":
      return () => null;
    case "boolean": {
      const { values, offset } = data;
      return (row) => ((values[(offset + row) >> 3] >> ((offset + row) & 7)) & 1) === 1;
    }
    case "int8":
    case "int16":
    case "int32":
    case "uint8":
    case "uint16":
    case "uint32":
    case "float":
    case "double":
    case "date": {
      const { values } = data;
      return (row) => values[row];
    }
    case "int64":
    case "time":
    case "timestamp": {
      const values = words64(data.values);
      return (row) => values[row]!;
    }
    case "uint64": {
      const values = words64(data.values);
      return (row) => BigInt.asUintN(64, values[row]!);
    }
    case "decimal": {
      const words = words64(data.values);
      return (row) => (words[2 * row + 1]! << 64n) | BigInt.asUintN(64, words[2 * row]!);
    }
    case "interval": {
      // MonthDayNano: months i32, days i32, nanoseconds i64.
      const words = words64(data.values);
      const halves = new Int32Array(words.buffer, words.byteOffset, words.length * 2);
      return (row) => ({ months: halves[4 * row]!, days: halves[4 * row + 1]!, micros: words[2 * row + 1]! / 1000n });
    }
    case "varchar": {
      const bytes = variableBytes(data);
      return (row) => decoder.decode(bytes(row));
    }
    case "blob": {
      const bytes = variableBytes(data);
      return (row) => bytes(row).slice();
    }
    case "uuid": {
      const { values } = data;
      return (row) => values.slice(row * 16, row * 16 + 16);
    }
    default:
      return unreachable(type);
  }
};

const variableBytes = (data: Data): ((row: number) => Uint8Array) => {
  const { values, valueOffsets } = data;
  if (data.typeId === Type.LargeUtf8 || data.typeId === Type.LargeBinary) {
    return (row) => values.subarray(Number(valueOffsets[row]), Number(valueOffsets[row + 1]));
  }
  return (row) => values.subarray(valueOffsets[row], valueOffsets[row + 1]);
};
