import {
  type ColumnId,
  type ColumnStatistics,
  type Expression,
  type PhysicalAggregate,
  type PhysicalPlan,
  unreachable,
} from "@headcut/plan";
import { storageOf } from "../../../layout/storage.ts";

/** Keys that are integers of known bounds, few enough for a place of its own for each combination. */
export interface DenseKeys {
  /** In the order of the groups. */
  readonly keys: readonly DenseKey[];
  /** Combinations of keys; a power of two above them is the directory's size. */
  readonly combinations: number;
}

export interface DenseKey {
  readonly least: bigint;
  /** Values from `least` on; NULL, where possible, has the place after them. */
  readonly values: number;
  /** Places between neighbouring values. */
  readonly step: number;
}

/** A directory of 64 MiB. */
const MAX_COMBINATIONS = 1 << 24;
/** A directory that a hash table of few groups would not undercut by much. */
const FEW_COMBINATIONS = 4096;
/** Places per expected group up to which a directory with a place for each key beats hashing. */
const MAX_SPARSITY = 8;

/** The keys' places, if bounds are known for all of them and the places are not many more than the groups expected. */
export const denseKeys = (plan: PhysicalAggregate): DenseKeys | undefined => {
  const limit = Math.min(MAX_COMBINATIONS, Math.max(FEW_COMBINATIONS, MAX_SPARSITY * plan.estimatedRows));
  let combinations = 1;
  const keys: DenseKey[] = [];
  for (const { expression } of plan.groups) {
    const bounds = boundsOf(expression, plan.input);
    if (bounds === undefined) return undefined;
    const values = Number(bounds.greatest - bounds.least) + 1;
    keys.push({ least: bounds.least, values, step: combinations });
    combinations *= values + (expression.nullable ? 1 : 0);
    if (!(values > 0 && combinations <= limit)) return undefined;
  }
  return { keys, combinations };
};

const boundsOf = (
  expression: Expression,
  input: PhysicalPlan,
): { readonly least: bigint; readonly greatest: bigint } | undefined => {
  const storage = storageOf(expression.type);
  if (storage === "bool") return { least: 0n, greatest: 1n };
  if (storage !== "int32" && storage !== "int64") return undefined;
  const statistics = expression.kind === "column" ? statisticsOf(input, expression.id) : undefined;
  const [least, greatest] = [integer(statistics?.min), integer(statistics?.max)];
  return least === undefined || greatest === undefined ? undefined : { least, greatest };
};

const integer = (value: ColumnStatistics["min"]): bigint | undefined =>
  typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)) ? BigInt(value) : undefined;

/** Statistics of the table's column that the plan's column comes from unchanged. */
const statisticsOf = (plan: PhysicalPlan, id: ColumnId): ColumnStatistics | undefined => {
  const throughProjection = (projections: PhysicalAggregate["groups"], input: PhysicalPlan) => {
    const expression = projections.find((one) => one.id === id)?.expression;
    return expression?.kind === "column" ? statisticsOf(input, expression.id) : undefined;
  };
  switch (plan.kind) {
    case "scan": {
      const column = plan.read.find((one) => one.id === id);
      return column && plan.table.columns[column.index]?.statistics;
    }
    case "project":
      return throughProjection(plan.projections, plan.input);
    case "aggregate":
      return throughProjection(plan.groups, plan.input);
    case "hashJoin":
      return statisticsOf(plan.probe, id) ?? statisticsOf(plan.build, id);
    case "filter":
    case "sort":
    case "topN":
    case "limit":
    case "repeat":
      return statisticsOf(plan.input, id);
    case "with":
      return statisticsOf(plan.body, id);
    case "values":
    case "series":
    case "unionAll":
    case "cteScan":
      return undefined;
    default:
      return unreachable(plan);
  }
};
