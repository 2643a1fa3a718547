import {
  type ColumnId,
  type Compare,
  type CompareOp,
  type Constant,
  type DataType,
  type Expression,
  isDecimal,
  isInteger,
  type Like,
  type Value,
} from "@headcut/plan";
import { type Bound, compareBounds } from "./bounds.ts";
import { bytesStartWith, likePrefix } from "./like-prefix.ts";

/** What is known about a column's values in a set of rows; absent means unknown. */
export interface ValueSummary {
  readonly min: Bound | undefined;
  readonly max: Bound | undefined;
  readonly nullCount: number | undefined;
  readonly rowCount: number;
}

/** The summary of a column, or undefined where there is none. */
export type SummaryOf = (column: ColumnId) => ValueSummary | undefined;

/**
 * Whether the predicate may be TRUE for some row. `false` is a proof; whatever is not understood may be true.
 */
export const mayBeTrue = (predicate: Expression, summaryOf: SummaryOf): boolean => {
  switch (predicate.kind) {
    case "constant":
      return predicate.value === true;
    case "and":
      return predicate.args.every((arg) => mayBeTrue(arg, summaryOf));
    case "or":
      return predicate.args.some((arg) => mayBeTrue(arg, summaryOf));
    case "column":
      return testBound("eq", summaryOf(predicate.id), 1);
    case "isNull":
      return mayBeNull(predicate.arg, summaryOf);
    case "not":
      return mayBeFalse(predicate.arg, summaryOf);
    case "compare":
      return compareMayBeTrue(predicate, summaryOf);
    case "inList": {
      const { arg, list } = predicate;
      return list.some((item) => item.kind !== "constant" || constantMayMatch("eq", arg, item, summaryOf));
    }
    case "like":
      return likeMayBeTrue(predicate, summaryOf);
    default:
      return true;
  }
};

const mayBeFalse = (predicate: Expression, summaryOf: SummaryOf): boolean => {
  if (predicate.kind === "column") return testBound("eq", summaryOf(predicate.id), 0);
  if (predicate.kind !== "isNull" || predicate.arg.kind !== "column") return true;
  const summary = summaryOf(predicate.arg.id);
  return summary === undefined || summary.nullCount !== summary.rowCount;
};

const mayBeNull = (arg: Expression, summaryOf: SummaryOf): boolean =>
  arg.kind !== "column" || summaryOf(arg.id)?.nullCount !== 0;

const flipped: Record<CompareOp, CompareOp> = {
  eq: "eq",
  ne: "ne",
  lt: "gt",
  le: "ge",
  gt: "lt",
  ge: "le",
  distinct: "distinct",
  notDistinct: "notDistinct",
};

const compareMayBeTrue = ({ op, left, right }: Compare, summaryOf: SummaryOf): boolean => {
  if (right.kind === "constant") return constantMayMatch(op, left, right, summaryOf);
  if (left.kind === "constant") return constantMayMatch(flipped[op], right, left, summaryOf);
  return true;
};

const constantMayMatch = (op: CompareOp, arg: Expression, constant: Constant, summaryOf: SummaryOf): boolean => {
  if (constant.value === null) return nullMayMatch(op, arg, summaryOf);
  const target = columnUnder(arg);
  const value = constantBound(constant.type, constant.value);
  if (target === undefined || value === undefined) return true;
  const summary = summaryOf(target.id);
  if (summary === undefined) return true;
  const min = summary.min === undefined ? undefined : target.convert(summary.min);
  const max = summary.max === undefined ? undefined : target.convert(summary.max);
  return testBound(op, { ...summary, min, max }, value);
};

const nullMayMatch = (op: CompareOp, arg: Expression, summaryOf: SummaryOf): boolean => {
  if (op === "notDistinct") return mayBeNull(arg, summaryOf);
  if (op !== "distinct" || arg.kind !== "column") return op === "distinct";
  const summary = summaryOf(arg.id);
  return summary === undefined || summary.nullCount !== summary.rowCount;
};

const testBound = (op: CompareOp, summary: ValueSummary | undefined, value: Bound): boolean => {
  if (summary === undefined) return true;
  const { min, max } = summary;
  const onlyNulls = summary.nullCount === summary.rowCount;
  if (op === "distinct") return summary.nullCount !== 0 || !isOnly(min, max, value);
  if (onlyNulls) return false;
  switch (op) {
    case "eq":
    case "notDistinct":
      return (
        (min === undefined || compareBounds(min, value) <= 0) && (max === undefined || compareBounds(max, value) >= 0)
      );
    case "ne":
      return !isOnly(min, max, value);
    case "lt":
      return min === undefined || compareBounds(min, value) < 0;
    case "le":
      return min === undefined || compareBounds(min, value) <= 0;
    case "gt":
      return max === undefined || compareBounds(max, value) > 0;
    case "ge":
      return max === undefined || compareBounds(max, value) >= 0;
  }
};

/** Whether the bounds leave no other value. */
const isOnly = (min: Bound | undefined, max: Bound | undefined, value: Bound): boolean =>
  min !== undefined && max !== undefined && compareBounds(min, value) === 0 && compareBounds(max, value) === 0;

const likeMayBeTrue = ({ arg, pattern, escape: escapeChar, caseInsensitive }: Like, summaryOf: SummaryOf): boolean => {
  if (arg.kind !== "column" || pattern.kind !== "constant" || caseInsensitive) return true;
  if (pattern.value === null) return false;
  const summary = summaryOf(arg.id);
  if (summary === undefined || typeof pattern.value !== "string") return true;
  if (summary.nullCount === summary.rowCount) return false;
  const { bytes: prefix, isWhole } = likePrefix(pattern.value, escapeChar);
  if (isWhole) return testBound("eq", summary, prefix);
  const { min, max } = summary;
  if (max instanceof Uint8Array && compareBounds(max, prefix) < 0) return false;
  return !(min instanceof Uint8Array) || compareBounds(min, prefix) <= 0 || bytesStartWith(min, prefix);
};

/**
 * The column that `arg` is, or is a cast of that keeps the order; `convert` takes the column's bounds to the cast's
 * type, or to undefined where the cast would fail.
 */
const columnUnder = (
  arg: Expression,
): { readonly id: ColumnId; readonly convert: (bound: Bound) => Bound | undefined } | undefined => {
  if (arg.kind === "column") return { id: arg.id, convert: (bound) => bound };
  if (arg.kind !== "cast" || arg.arg.kind !== "column") return undefined;
  const convert = orderPreservingCast(arg.arg.type, arg.type);
  return convert === undefined ? undefined : { id: arg.arg.id, convert };
};

/** Only casts that are exact, so that no rounding can move a value out of its bounds. */
const orderPreservingCast = (from: DataType, to: DataType): ((bound: Bound) => Bound) | undefined => {
  if (isInteger(from) && isInteger(to)) {
    const wide = to.kind === "int64" || to.kind === "uint64";
    return (bound) => (wide ? BigInt(bound as number | bigint) : Number(bound));
  }
  if (isInteger(from) && isDecimal(to)) {
    const factor = 10n ** BigInt(to.scale);
    return (bound) => BigInt(bound as number | bigint) * factor;
  }
  if (isDecimal(from) && isDecimal(to) && to.scale >= from.scale) {
    const factor = 10n ** BigInt(to.scale - from.scale);
    return (bound) => (bound as bigint) * factor;
  }
  return undefined;
};

const utf8 = new TextEncoder();

/** A constant in the form that bounds have; undefined for those whose order is not the bounds'. */
export const constantBound = (type: DataType, value: Exclude<Value, null>): Bound | undefined => {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return type.kind === "varchar" ? utf8.encode(value) : undefined;
  if (typeof value === "number") return Number.isNaN(value) ? undefined : value + 0;
  if (typeof value === "bigint" || value instanceof Uint8Array) return value;
  return undefined;
};
