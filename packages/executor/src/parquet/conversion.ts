import { integerLayout, isInteger, MAX_DECIMAL64_PRECISION } from "@headcut/plan";
import type { ParquetKernels } from "./kernels.ts";
import type { FlatColumn } from "./schema.ts";

/** Turns `count` physical values at `source` into the type's storage at `target`; 0 or a failure. */
export type Conversion = (source: number, target: number, count: number) => number;

/** Bytes of one decoded physical value. Booleans are a byte, byte arrays a reference. */
export const physicalBytes = (column: FlatColumn): number => {
  switch (column.physical) {
    case "BOOLEAN":
      return 1;
    case "INT32":
    case "FLOAT":
      return 4;
    case "INT64":
    case "DOUBLE":
    case "BYTE_ARRAY":
      return 8;
    case "INT96":
      return 12;
    case "FIXED_LEN_BYTE_ARRAY":
      return column.typeLength;
  }
};

/** How the column's values become their type's storage; undefined where physical and stored form are the same. */
export const conversionOf = (column: FlatColumn, kernels: ParquetKernels): Conversion | undefined => {
  switch (column.physical) {
    case "BOOLEAN":
    case "FLOAT":
    case "DOUBLE":
      return undefined;
    case "INT96":
      return kernels.int96ToTimestamp;
    case "INT32":
      return fromInt32(column, kernels);
    case "INT64":
      return fromInt64(column, kernels);
    case "BYTE_ARRAY":
      if (column.type.kind !== "decimal") return undefined;
      return isWide(column) ? kernels.bytesToInt128 : kernels.bytesToInt64;
    case "FIXED_LEN_BYTE_ARRAY":
      return fromFixed(column, kernels);
  }
};

const isWide = (column: FlatColumn): boolean =>
  column.type.kind === "decimal" && column.type.precision > MAX_DECIMAL64_PRECISION;

const fromInt32 = (column: FlatColumn, kernels: ParquetKernels): Conversion | undefined => {
  const { type, timeFactor } = column;
  if (type.kind === "decimal") {
    if (isWide(column)) return kernels.int32ToInt128;
    return (source, target, count) => kernels.int32ToInt64(source, target, count, 1);
  }
  if (type.kind === "time") return (source, target, count) => kernels.int32ToInt64(source, target, count, timeFactor);
  if (type.kind === "uint32") return kernels.uint32ToInt64;
  if (!isInteger(type) || type.kind === "int32") return undefined;
  const { bits, signed } = integerLayout(type.kind);
  return (source, target, count) => kernels.narrowInt32(source, target, count, bits, signed ? 1 : 0);
};

const fromInt64 = (column: FlatColumn, kernels: ParquetKernels): Conversion | undefined => {
  if (isWide(column)) return kernels.int64ToInt128;
  if (column.timeFactor === 1) return undefined;
  return (source, target, count) => kernels.scaleInt64(source, target, count, column.timeFactor);
};

const fromFixed = (column: FlatColumn, kernels: ParquetKernels): Conversion => {
  const width = column.typeLength;
  if (column.float16) return kernels.float16ToFloat;
  switch (column.type.kind) {
    case "uuid":
      return kernels.fixedToUuid;
    case "interval":
      return kernels.fixedToInterval;
    case "decimal":
      return isWide(column)
        ? (source, target, count) => kernels.fixedToInt128(source, target, count, width)
        : (source, target, count) => kernels.fixedToInt64(source, target, count, width);
    default:
      return (source, target, count) => kernels.fixedReferences(source, width, target, count);
  }
};
