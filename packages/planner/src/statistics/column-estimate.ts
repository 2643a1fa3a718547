import { type DataType, isInteger, type TableColumn, type Value } from "@headcut/plan";

/** What the planner believes about a column's values at some point of a plan. */
export interface ColumnEstimate {
  /** Distinct values among the rows here. */
  readonly distinct: number;
  /** Distinct values in the column's table, before any filter: what equality joins divide by. */
  readonly domain: number;
  /** `domain` is no more than "at most one per row": the column may be a key, or a foreign key of a sparse one. */
  readonly guessed: boolean;
  /** Width of the value range over the row count, for guessed domains; 1 is dense. Infinite: known to be a sample of a larger domain. */
  readonly sparsity: number;
  /** The object the column was read from (a scan), and its rows: columns of one origin cannot have more tuples. */
  readonly origin: object | undefined;
  readonly originRows: number;
  readonly nullFraction: number;
  /** Bounds as numbers (dates in days, decimals as they read), for types that have them. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** For booleans made by mark joins: how often TRUE. */
  readonly trueFraction: number | undefined;
  /** What share of rows a comparison with a constant keeps, where no bounds are known; undefined for the usual guess. */
  readonly rangeShare?: number;
}

/** Mean share of distinct values among the rows of a text column nothing is known of. */
const UNKNOWN_DISTINCT_SHARE = 0.2;

/** Only a range of fewer values than this share of the rows is believed to be full; a wider one may have gaps. */
const REPEATED_SHARE = 0.5;

/** A value as a number that keeps order and distances; undefined where there is none. */
export const toNumber = (type: DataType, value: Value | undefined): number | undefined => {
  if (value === null || value === undefined) return undefined;
  switch (type.kind) {
    case "decimal":
      return Number(value) / 10 ** type.scale;
    case "boolean":
      return value === true ? 1 : 0;
    case "null":
    case "interval":
    case "varchar":
    case "blob":
    case "uuid":
      return undefined;
    default: {
      const number = Number(value);
      return Number.isFinite(number) ? number : undefined;
    }
  }
};

/** Values between two bounds, for types whose values are evenly spaced; undefined for the others. */
const countBetween = (type: DataType, min: number | undefined, max: number | undefined): number | undefined => {
  if (type.kind === "boolean") return 2;
  if (min === undefined || max === undefined) return undefined;
  if (isInteger(type) || type.kind === "date") return max - min + 1;
  if (type.kind === "decimal") return (max - min) * 10 ** type.scale + 1;
  return undefined;
};

/** The estimate of a table's column, from its catalogue statistics. */
export const tableColumnEstimate = (column: TableColumn, rowCount: number, origin: object): ColumnEstimate => {
  const { type, statistics } = column;
  const rows = Math.max(1, rowCount);
  const nullFraction = statistics?.nullCount !== undefined ? statistics.nullCount / rows : column.nullable ? 0.02 : 0;
  const min = toNumber(type, statistics?.min);
  const max = toNumber(type, statistics?.max);
  const range = countBetween(type, min, max);
  const shared = { origin, originRows: rows, nullFraction, min, max, trueFraction: undefined };
  const known = statistics?.distinctCount;
  if (known !== undefined) {
    const distinct = Math.max(1, Math.min(known, rows));
    return { ...shared, distinct, domain: distinct, guessed: false, sparsity: 1 };
  }
  if (range !== undefined && range < rows * REPEATED_SHARE) {
    const distinct = Math.max(1, range);
    return { ...shared, distinct, domain: distinct, guessed: false, sparsity: 1 };
  }
  if (range !== undefined) {
    // More rows than values cannot all differ; how many do is taken to be chance.
    const distinct = Math.max(1, range < rows ? range * (1 - Math.exp(-rows / range)) : rows);
    return { ...shared, distinct, domain: distinct, guessed: true, sparsity: range / rows };
  }
  const share = isInteger(type) || type.kind === "uuid" ? 1 : UNKNOWN_DISTINCT_SHARE;
  const distinct = Math.max(1, rows * share);
  return { ...shared, distinct, domain: distinct, guessed: true, sparsity: 1 };
};

/** The estimate of a column nothing is known of, among so many rows. */
export const unknownColumn = (distinct: number, nullFraction = 0): ColumnEstimate => ({
  distinct: Math.max(1, distinct),
  domain: Math.max(1, distinct),
  guessed: false,
  sparsity: 1,
  origin: undefined,
  originRows: Number.POSITIVE_INFINITY,
  nullFraction,
  min: undefined,
  max: undefined,
  trueFraction: undefined,
});

/** Distinct values that remain of `distinct` equally frequent ones when `rows` of `fromRows` rows are kept (Cardenas). */
export const distinctAfter = (distinct: number, rows: number, fromRows: number): number => {
  if (rows >= fromRows) return Math.min(distinct, Math.max(1, rows));
  const perValue = Math.max(1, fromRows / distinct);
  const share = rows / fromRows;
  return Math.max(1, Math.min(rows, distinct * (1 - (1 - share) ** perValue)));
};

/** The column after a filter or join kept `rows` of `fromRows` rows. */
export const thinned = (column: ColumnEstimate, rows: number, fromRows: number): ColumnEstimate => {
  const distinct = distinctAfter(column.distinct, rows, fromRows);
  return distinct === column.distinct ? column : { ...column, distinct };
};
