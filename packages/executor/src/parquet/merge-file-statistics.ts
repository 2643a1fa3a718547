import type { ColumnStatistics, DataType, Value } from "@headcut/plan";
import { type Bound, type Bounds, compareBounds } from "./bounds.ts";
import { domainSize } from "./column-statistics.ts";
import { type DistinctSample, estimateDistinctCount } from "./distinct-count.ts";

/** A column in one of a table's files. */
export interface FileStatistics {
  readonly rowCount: number;
  /** Of the file alone; "absent": the file lacks the column, its rows are NULL. */
  readonly statistics: ColumnStatistics | undefined | "absent";
}

/**
 * What is known of a column of a table, from what is known of it in each file: as `openParquetTable` finds it from the
 * files' row groups, with files in their place. Bounds hold for all rows or are left out.
 */
export const mergeFileStatistics = (parts: readonly FileStatistics[], type: DataType): ColumnStatistics => {
  let min: Value | undefined;
  let max: Value | undefined;
  let isFirst = true;
  let nullCount: number | undefined = 0;
  let rowCount = 0;
  const samples: DistinctSample[] = [];
  const lengths = { bytes: 0, values: 0 };

  for (const part of parts) {
    rowCount += part.rowCount;
    const statistics: ColumnStatistics =
      part.statistics === "absent" ? { nullCount: part.rowCount } : (part.statistics ?? {});
    const nulls = statistics.nullCount;
    nullCount = nullCount === undefined || nulls === undefined ? undefined : nullCount + nulls;
    const values = part.rowCount - (nulls ?? 0);
    if (values <= 0) continue;
    min = isFirst ? statistics.min : outer(min, statistics.min, -1);
    max = isFirst ? statistics.max : outer(max, statistics.max, 1);
    isFirst = false;
    const { distinctCount, averageLength } = statistics;
    if (distinctCount !== undefined && distinctCount > 0 && distinctCount <= values) {
      samples.push({ values, distinct: distinctCount, bounds: boundsOf(statistics) });
    }
    if (averageLength !== undefined) {
      lengths.bytes += averageLength * values;
      lengths.values += values;
    }
  }

  const distinctCount = estimateDistinctCount(samples, rowCount - (nullCount ?? 0), domainSize(min, max, type));
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(nullCount === undefined ? {} : { nullCount }),
    ...(distinctCount === undefined ? {} : { distinctCount }),
    ...(lengths.values > 0 ? { averageLength: lengths.bytes / lengths.values } : {}),
  };
};

/** The value further out; unknown when one of them is. */
const outer = (a: Value | undefined, b: Value | undefined, sign: number): Value | undefined => {
  const [left, right] = [boundOf(a), boundOf(b)];
  if (left === undefined || right === undefined) return undefined;
  return compareBounds(left, right) * sign >= 0 ? a : b;
};

const boundsOf = ({ min, max }: ColumnStatistics): Bounds => ({ min: boundOf(min), max: boundOf(max) });

/** A plan's value in the form that compares as SQL does. */
const boundOf = (value: Value | undefined): Bound | undefined => {
  switch (typeof value) {
    case "number":
    case "bigint":
      return value;
    case "boolean":
      return value ? 1 : 0;
    case "string":
      return Buffer.from(value);
    default:
      return value instanceof Uint8Array ? value : undefined;
  }
};
