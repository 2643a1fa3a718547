import type { DataType } from "./data-type.ts";
import type { ColumnId, Expression } from "./expression.ts";

export type AggregateName =
  | "count"
  | "countStar"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "stddevSamp"
  | "stddevPop"
  | "varSamp"
  | "varPop"
  | "median"
  | "anyValue"
  | "first"
  | "stringAgg"
  | "boolAnd"
  | "boolOr";

/**
 * One aggregate of an aggregation. Result types: count, countStar → int64; sum of integers → decimal(38,0), of
 * decimals → decimal(38, scale), of floats → double; avg, stddev*, var* → double; median of integers and floats →
 * double, of decimals their own type (the mean of the two middles, rounded down), of temporals the lower middle; others →
 * their argument's type. All but the counts are NULL on no input.
 */
export interface AggregateCall {
  readonly name: AggregateName;
  /**
   * Empty for countStar; [value] otherwise; stringAgg: [value, separator constant]; stddev*, var* over parts of the values, in plans that
   * were cut: [their number, mean, population variance].
   */
  readonly args: readonly Expression[];
  /** Rows for which it is not TRUE are left out. */
  readonly filter: Expression | undefined;
  /** Logical plans only: the `expandDistinct` rule removes it before physical planning. */
  readonly distinct: boolean;
  /** `string_agg(x, ',' ORDER BY y)`; empty for none. */
  readonly orderBy: readonly SortKey[];
  readonly type: DataType;
  readonly nullable: boolean;
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface AggregateColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly call: AggregateCall;
}

/** A computed output column. */
export interface Projection {
  readonly id: ColumnId;
  readonly name: string;
  readonly expression: Expression;
}
