import {
  type AggregateCall,
  type AggregateColumn,
  cast,
  columnRef,
  constant,
  type DataType,
  type Expression,
  hugeint,
  isNull,
} from "@headcut/plan";
import type { IdSource } from "../traverse/renumber.ts";

/** An aggregate split in two: parts, and how their results make the whole. */
export interface SplitAggregate {
  readonly original: AggregateColumn;
  /** Computed over the rows of one part. */
  readonly part: AggregateColumn;
  /** Computed over the parts. */
  readonly whole: AggregateColumn;
  /** The original's value from `whole`. */
  readonly result: Expression;
}

export const isCount = (call: AggregateCall): boolean => call.name === "count" || call.name === "countStar";

/** Whether the aggregate of all rows follows from the aggregates of parts of them. */
export const comesInParts = (call: AggregateCall): boolean => {
  if (call.distinct || call.orderBy.length > 0) return false;
  switch (call.name) {
    case "count":
    case "countStar":
    case "sum":
    case "min":
    case "max":
    case "anyValue":
    case "boolAnd":
    case "boolOr":
      return true;
    case "avg":
    case "stddevSamp":
    case "stddevPop":
    case "varSamp":
    case "varPop":
    case "median":
    case "first":
    case "stringAgg":
      return false;
  }
};

export const aggregateRef = ({ id, name, call }: AggregateColumn, nullable = call.nullable): Expression =>
  columnRef({ id, name, type: call.type, nullable });

/**
 * Splits an aggregate that comes in parts. Counts are added up; `padded` is what a part counts for that is NULL because an
 * outer join found none: zero, or one for `count(*)`, which counts the padded row itself.
 */
export const splitAggregate = (original: AggregateColumn, ids: IdSource, padded = 0n): SplitAggregate => {
  const part: AggregateColumn = { ...original, id: ids.next() };
  if (!isCount(original.call)) {
    const args = [aggregateRef(part, true)];
    const whole: AggregateColumn = { ...original, call: { ...original.call, args, filter: undefined, nullable: true } };
    return { original, part, whole, result: aggregateRef(whole) };
  }
  const { type } = original.call;
  const count = aggregateRef(part, true);
  const counted = padded === 0n ? count : ifNull(count, constant(type, padded), { ...count, nullable: false });
  const whole: AggregateColumn = {
    id: ids.next(),
    name: original.name,
    call: { ...original.call, name: "sum", args: [counted], filter: undefined, type: hugeint, nullable: true },
  };
  return { original, part, whole, result: countOf(whole, type) };
};

/** Counts added up: zero where there was nothing to add. */
const countOf = (sum: AggregateColumn, type: DataType): Expression => {
  const added = aggregateRef(sum);
  return ifNull(added, constant(type, 0n), { ...cast(added, type), nullable: false });
};

const ifNull = (tested: Expression, then: Expression, otherwise: Expression): Expression => ({
  kind: "case",
  branches: [{ when: isNull(tested), then }],
  otherwise,
  type: then.type,
  nullable: false,
});
