import { type ColumnId, type Compare, conjuncts, type Expression } from "@headcut/plan";
import { children, freeColumns } from "../traverse/expression.ts";
import { type ColumnEstimate, toNumber } from "./column-estimate.ts";
import { likeSelectivity } from "./like-selectivity.ts";

/** The columns a predicate may refer to, and how many rows there are. */
export interface RowsEstimate {
  readonly rows: number;
  readonly columns: ReadonlyMap<ColumnId, ColumnEstimate>;
}

/** When nothing better is known. */
const UNKNOWN_EQUALITY = 0.1;
const UNKNOWN_RANGE = 1 / 3;
const UNKNOWN_PREDICATE = 0.25;

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** The share of rows for which the predicate is TRUE. Conjuncts on one column's range are taken together. */
export const selectivity = (predicate: Expression, input: RowsEstimate): number => {
  const parts = conjuncts(predicate);
  if (parts.length === 1) return clamp(single(parts[0]!, input));
  const ranges = new Map<ColumnId, Range>();
  let result = 1;
  for (const part of parts) {
    if (!narrow(ranges, part, input)) result *= single(part, input);
  }
  for (const [id, range] of ranges) result *= rangeSelectivity(range, input.columns.get(id)!);
  return clamp(result);
};

interface Range {
  low: number | undefined;
  high: number | undefined;
}

interface ColumnBound {
  readonly id: ColumnId;
  readonly op: Compare["op"];
  readonly value: number;
}

const FLIPPED = { eq: "eq", ne: "ne", lt: "gt", le: "ge", gt: "lt", ge: "le" } as const;

/** `column op constant`, either way round, with the constant as a number. */
const columnBound = (predicate: Expression): ColumnBound | undefined => {
  if (predicate.kind !== "compare") return undefined;
  const { op, left, right } = predicate;
  if (op === "distinct" || op === "notDistinct") return undefined;
  if (left.kind === "column" && right.kind === "constant") {
    const value = toNumber(right.type, right.value);
    return value === undefined ? undefined : { id: left.id, op, value };
  }
  if (right.kind === "column" && left.kind === "constant") {
    const value = toNumber(left.type, left.value);
    return value === undefined ? undefined : { id: right.id, op: FLIPPED[op], value };
  }
  return undefined;
};

/** Takes a range predicate into `ranges`; false when it is none. */
const narrow = (ranges: Map<ColumnId, Range>, predicate: Expression, input: RowsEstimate): boolean => {
  const bound = columnBound(predicate);
  if (bound === undefined || bound.op === "eq" || bound.op === "ne") return false;
  const column = input.columns.get(bound.id);
  if (column?.min === undefined || column.max === undefined) return false;
  let range = ranges.get(bound.id);
  if (range === undefined) {
    range = { low: undefined, high: undefined };
    ranges.set(bound.id, range);
  }
  if (bound.op === "gt" || bound.op === "ge") range.low = Math.max(range.low ?? bound.value, bound.value);
  else range.high = Math.min(range.high ?? bound.value, bound.value);
  return true;
};

const rangeSelectivity = ({ low, high }: Range, column: ColumnEstimate): number => {
  const min = column.min!;
  const max = column.max!;
  const from = Math.max(low ?? min, min);
  const to = Math.min(high ?? max, max);
  const notNull = 1 - column.nullFraction;
  if (from > to) return 0;
  // A closed range over few values holds one value more than its width says.
  const step = column.distinct > 1 ? (max - min) / (column.distinct - 1) : 0;
  const width = max - min + step;
  return width === 0 ? notNull : clamp((to - from + step * 0.5) / width) * notNull;
};

const single = (predicate: Expression, input: RowsEstimate): number => {
  switch (predicate.kind) {
    case "constant":
      return predicate.value === true ? 1 : 0;
    case "column": {
      const column = input.columns.get(predicate.id);
      return column?.trueFraction ?? (column === undefined ? 0.5 : 0.5 * (1 - column.nullFraction));
    }
    case "and":
      return selectivity(predicate, input);
    case "or":
      return 1 - predicate.args.reduce((none, arg) => none * (1 - selectivity(arg, input)), 1);
    case "not":
      return clamp(1 - selectivity(predicate.arg, input) - nullShare(predicate.arg, input));
    case "isNull":
      return nullShare(predicate.arg, input);
    case "compare":
      return compareSelectivity(predicate, input);
    case "inList":
      return clamp(predicate.list.length / expressionDistinct(predicate.arg, input));
    case "like":
      return predicate.pattern.kind === "constant" && typeof predicate.pattern.value === "string"
        ? Math.max(
            likeSelectivity(predicate.pattern.value, predicate.escape),
            1 / expressionDistinct(predicate.arg, input),
          )
        : UNKNOWN_EQUALITY;
    case "arithmetic":
    case "negate":
    case "case":
    case "cast":
    case "call":
      return UNKNOWN_PREDICATE;
  }
};

/** How often an expression is NULL, taking it that any NULL in it makes it so. */
const nullShare = (expression: Expression, input: RowsEstimate): number => {
  if (!expression.nullable) return 0;
  let notNull = 1;
  for (const id of freeColumns(expression)) notNull *= 1 - (input.columns.get(id)?.nullFraction ?? 0);
  return 1 - notNull;
};

const compareSelectivity = (predicate: Compare, input: RowsEstimate): number => {
  const { op, left, right } = predicate;
  const equal = (): number => {
    const bound = columnBound(predicate);
    const column = bound === undefined ? undefined : input.columns.get(bound.id);
    if (bound !== undefined && column?.min !== undefined && column.max !== undefined) {
      if (bound.value < column.min || bound.value > column.max) return 0;
    }
    return 1 / Math.max(expressionDistinct(left, input), expressionDistinct(right, input));
  };
  switch (op) {
    case "eq":
    case "notDistinct":
      return equal();
    case "ne":
    case "distinct":
      return 1 - equal();
    default: {
      const ranges = new Map<ColumnId, Range>();
      if (narrow(ranges, predicate, input)) {
        const [id, range] = [...ranges][0]!;
        return rangeSelectivity(range, input.columns.get(id)!);
      }
      if (left.kind === "column" && right.kind === "column") return 0.5;
      const column = left.kind === "column" && right.kind === "constant" ? input.columns.get(left.id) : undefined;
      return column?.rangeShare ?? UNKNOWN_RANGE;
    }
  }
};

const DATE_PART_COUNTS: Readonly<Record<string, number>> = {
  month: 12,
  day: 31,
  quarter: 4,
  hour: 24,
  minute: 60,
  second: 60,
};
const DAYS_PER_YEAR = 365.25;

/** How many different values an expression is expected to have. */
export const expressionDistinct = (expression: Expression, input: RowsEstimate): number => {
  const rows = Math.max(1, input.rows);
  switch (expression.kind) {
    case "column": {
      const column = input.columns.get(expression.id);
      return column === undefined ? 1 / UNKNOWN_EQUALITY : Math.max(1, column.distinct);
    }
    case "constant":
      return 1;
    case "compare":
    case "and":
    case "or":
    case "not":
    case "isNull":
    case "inList":
    case "like":
      return 2;
    case "cast":
    case "negate":
      return expressionDistinct(expression.arg, input);
    case "case":
      return Math.min(
        rows,
        [...expression.branches.map(({ then }) => then), expression.otherwise]
          .map((item) => expressionDistinct(item, input))
          .reduce((a, b) => a + b, 0),
      );
    case "call":
      return callDistinct(expression.name, expression.args, input);
    case "arithmetic":
      return Math.min(
        rows,
        children(expression)
          .map((item) => expressionDistinct(item, input))
          .reduce((a, b) => a * b, 1),
      );
  }
};

const callDistinct = (name: string, args: readonly Expression[], input: RowsEstimate): number => {
  const all = Math.min(
    Math.max(1, input.rows),
    args.map((arg) => expressionDistinct(arg, input)).reduce((a, b) => a * b, 1),
  );
  const part = constantText(args[0]);
  const subject = args[args.length - 1];
  if (name === "year" || part === "year") {
    const column = subject?.kind === "column" ? input.columns.get(subject.id) : undefined;
    if (subject?.type.kind === "date" && column?.min !== undefined && column.max !== undefined) {
      return Math.max(1, Math.ceil((column.max - column.min) / DAYS_PER_YEAR));
    }
    return Math.min(all, 50);
  }
  const known = DATE_PART_COUNTS[name] ?? (part === undefined ? undefined : DATE_PART_COUNTS[part]);
  if (known !== undefined) return Math.min(all, known);
  if (name === "substring" || name === "left") {
    const length = args[args.length - 1];
    if (length?.kind === "constant" && length.value !== null)
      return Math.min(all, 5 ** Math.min(Number(length.value), 12));
  }
  return all;
};

const constantText = (expression: Expression | undefined): string | undefined =>
  expression?.kind === "constant" && expression.type.kind === "varchar" ? (expression.value as string) : undefined;
