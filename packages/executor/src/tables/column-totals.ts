import { type ColumnStatistics, type DataType, MAX_DECIMAL64_PRECISION, type Value } from "@headcut/plan";
import type { Heap } from "../memory/heap.ts";

/** What is known of a growing column's values. */
export interface ColumnTotals {
  /** Takes in rows that were just written: `valid` 0 when none is NULL. */
  readonly add: (values: number, valid: number, count: number, nullCount: number) => void;
  readonly statistics: () => ColumnStatistics;
}

interface Bounds {
  /** Rows of the smallest and the largest value, as kernels/arrow.ts packs them; negative for none. */
  readonly extremes: (values: number, valid: number, count: number) => number;
  readonly read: (values: number, row: number) => number | bigint;
}

export const createColumnTotals = (heap: Heap, type: DataType): ColumnTotals => {
  const bounds = boundsOf(heap, type);
  let known = bounds !== undefined;
  let [rowCount, nullCount, bytes] = [0, 0, 0];
  let min: number | bigint | undefined;
  let max: number | bigint | undefined;
  return {
    add: (values, valid, count, nulls) => {
      rowCount += count;
      nullCount += nulls;
      if (type.kind === "varchar" || type.kind === "blob") bytes += heap.kernels.stringBytes(values, valid, count);
      if (!known || bounds === undefined || nulls === count) return;
      const found = bounds.extremes(values, valid, count);
      if (found < 0) {
        known = false;
        return;
      }
      const low = bounds.read(values, found % ROW_LIMIT);
      const high = bounds.read(values, Math.floor(found / ROW_LIMIT));
      if (min === undefined || low < min) min = low;
      if (max === undefined || high > max) max = high;
    },
    statistics: () => ({
      nullCount,
      ...(known && min !== undefined && max !== undefined ? { min: min as Value, max: max as Value } : {}),
      ...(bytes > 0 ? { averageLength: bytes / Math.max(1, rowCount - nullCount) } : {}),
    }),
  };
};

/** The factor between the two row numbers that a kernel returns in one. */
const ROW_LIMIT = 2 ** 26;

const boundsOf = ({ memory, kernels }: Heap, type: DataType): Bounds | undefined => {
  const int64: Bounds = {
    extremes: kernels.extremesInt64,
    read: (values, row) => memory.i64[(values >>> 3) + row]!,
  };
  switch (type.kind) {
    case "int8":
    case "int16":
    case "int32":
    case "uint8":
    case "uint16":
    case "date":
      return { extremes: kernels.extremesInt32, read: (values, row) => memory.i32[(values >>> 2) + row]! };
    case "uint32":
      return { ...int64, read: (values, row) => memory.u32[(values >>> 2) + 2 * row]! };
    case "int64":
    case "time":
    case "timestamp":
      return int64;
    case "decimal":
      return type.precision <= MAX_DECIMAL64_PRECISION ? int64 : undefined;
    case "uint64":
      return { extremes: kernels.extremesUint64, read: (values, row) => memory.u64[(values >>> 3) + row]! };
    case "float":
      return {
        extremes: kernels.extremesFloat32,
        read: (values, row) => memory.view.getFloat32(values + 4 * row, true),
      };
    case "double":
      return { extremes: kernels.extremesFloat64, read: (values, row) => memory.f64[(values >>> 3) + row]! };
    default:
      return undefined;
  }
};
