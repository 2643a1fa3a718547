import { type ColumnId, conjuncts, type Expression, type JoinKind, type LogicalJoin } from "@headcut/plan";
import { refersOnlyTo, refersTo } from "../traverse/expression.ts";
import { idsOf } from "../traverse/plan.ts";
import { type ColumnEstimate, thinned, unknownColumn } from "./column-estimate.ts";
import { equalitySelectivity, matchShare } from "./equality-selectivity.ts";
import { expressionDistinct, type RowsEstimate, selectivity } from "./selectivity.ts";

/** A join condition taken apart for estimation. */
interface JoinShape {
  readonly leftKeys: ColumnEstimate[];
  readonly rightKeys: ColumnEstimate[];
  /** Columns that are keys as they stand, with the number of values that both sides have, and may have. */
  readonly shared: ReadonlyMap<ColumnId, { readonly distinct: number; readonly domain: number }>;
  /** Share of key-matching pairs that the rest of the condition keeps. */
  readonly residual: number;
}

const shapeOf = (
  condition: Expression,
  left: RowsEstimate,
  right: RowsEstimate,
  rightIds: ReadonlySet<ColumnId>,
): JoinShape => {
  const leftKeys: ColumnEstimate[] = [];
  const rightKeys: ColumnEstimate[] = [];
  const shared = new Map<ColumnId, { distinct: number; domain: number }>();
  const rest: Expression[] = [];
  const addKey = (ofLeft: Expression, ofRight: Expression): void => {
    const [a, b] = [keyEstimate(ofLeft, left), keyEstimate(ofRight, right)];
    leftKeys.push(a);
    rightKeys.push(b);
    const common = { distinct: Math.min(a.distinct, b.distinct), domain: Math.min(a.domain, b.domain) };
    for (const side of [ofLeft, ofRight]) if (side.kind === "column") shared.set(side.id, common);
  };
  const isRight = (side: Expression): boolean => refersOnlyTo(side, rightIds);
  const isLeft = (side: Expression): boolean => !refersTo(side, rightIds);
  for (const part of conjuncts(condition)) {
    const equality = part.kind === "compare" && (part.op === "eq" || part.op === "notDistinct") ? part : undefined;
    if (equality !== undefined && isLeft(equality.left) && isRight(equality.right)) {
      addKey(equality.left, equality.right);
    } else if (equality !== undefined && isLeft(equality.right) && isRight(equality.left)) {
      addKey(equality.right, equality.left);
    } else rest.push(part);
  }
  const both: RowsEstimate = { rows: left.rows * right.rows, columns: new Map([...left.columns, ...right.columns]) };
  const residual = rest.reduce((share, part) => share * selectivity(part, both), 1);
  return { leftKeys, rightKeys, shared, residual };
};

const keyEstimate = (key: Expression, input: RowsEstimate): ColumnEstimate => {
  const source = key.kind === "cast" ? key.arg : key;
  const known = source.kind === "column" ? input.columns.get(source.id) : undefined;
  return known ?? unknownColumn(Math.min(input.rows, expressionDistinct(key, input)));
};

/** Share of left rows with at least one right row that satisfies the condition. */
const semiShare = ({ leftKeys, rightKeys, residual }: JoinShape, right: RowsEstimate): number => {
  const rightDistinct = Math.min(
    right.rows,
    rightKeys.reduce((product, column) => product * column.distinct, 1),
  );
  const found = leftKeys.length === 0 ? 1 : matchShare(leftKeys, rightKeys, rightDistinct);
  const partners = right.rows / Math.max(1, rightDistinct);
  return found * (1 - (1 - residual) ** Math.max(1, partners));
};

/** What a join that keeps its left rows does to their number, whatever else is on the left; and its mark. */
export const attachmentEffect = (
  joinKind: JoinKind,
  condition: Expression,
  left: RowsEstimate,
  right: RowsEstimate,
  rightIds: ReadonlySet<ColumnId>,
): { readonly factor: number; readonly mark?: ColumnEstimate } => {
  const shape = shapeOf(condition, left, right, rightIds);
  switch (joinKind) {
    case "semi":
      return { factor: semiShare(shape, right) };
    case "anti":
      return { factor: Math.max(LEAST_ANTI_SHARE, 1 - semiShare(shape, right)) };
    case "left": {
      const matches = right.rows * equalitySelectivity(shape.leftKeys, shape.rightKeys) * shape.residual;
      return { factor: Math.max(1, matches) };
    }
    case "mark":
      return { factor: 1, mark: { ...unknownColumn(2), trueFraction: semiShare(shape, right) } };
    case "inner":
    case "right":
    case "full":
    case "single":
      return { factor: 1 };
  }
};

/** An anti join is never believed to drop nearly all: guesses of what matches err on the high side. */
const LEAST_ANTI_SHARE = 0.1;

/** Rows and columns of a join. */
export const estimateJoin = (plan: LogicalJoin, left: RowsEstimate, right: RowsEstimate): RowsEstimate => {
  const shape = shapeOf(plan.condition, left, right, idsOf(plan.right));
  const pairs = left.rows * right.rows * equalitySelectivity(shape.leftKeys, shape.rightKeys) * shape.residual;
  const both = (rows: number): RowsEstimate => ({ rows, columns: merged(left, right, rows) });
  const matched = (estimate: RowsEstimate): RowsEstimate => withSharedKeys(estimate, shape);
  switch (plan.joinKind) {
    case "inner":
      return matched(both(Math.min(left.rows * right.rows, Math.max(1, pairs))));
    case "left":
      return both(Math.max(pairs, left.rows));
    case "single":
      return both(left.rows);
    case "right":
      return both(Math.max(pairs, right.rows));
    case "full":
      return both(Math.max(pairs, left.rows, right.rows));
    case "semi":
      return matched(onlyLeft(left, Math.max(1, left.rows * semiShare(shape, right))));
    case "anti":
      return onlyLeft(left, Math.max(1, left.rows * Math.max(LEAST_ANTI_SHARE, 1 - semiShare(shape, right))));
    case "mark": {
      const trueFraction = semiShare(shape, right);
      const columns = new Map(left.columns);
      columns.set(plan.mark!.id, { ...unknownColumn(2), trueFraction });
      return { rows: left.rows, columns };
    }
  }
};

/** Key columns of rows that all found a partner have no more values than either side. */
const withSharedKeys = ({ rows, columns }: RowsEstimate, { shared }: JoinShape): RowsEstimate => {
  const capped = new Map(columns);
  for (const [id, { distinct, domain }] of shared) {
    const column = columns.get(id);
    if (column !== undefined) {
      capped.set(id, {
        ...column,
        distinct: Math.min(column.distinct, distinct),
        domain: Math.min(column.domain, domain),
      });
    }
  }
  return { rows, columns: capped };
};

const merged = (left: RowsEstimate, right: RowsEstimate, rows: number): Map<ColumnId, ColumnEstimate> => {
  const columns = new Map<ColumnId, ColumnEstimate>();
  for (const side of [left, right]) {
    for (const [id, column] of side.columns) columns.set(id, thinned(column, rows, side.rows));
  }
  return columns;
};

const onlyLeft = (left: RowsEstimate, rows: number): RowsEstimate => {
  const kept = Math.min(left.rows, rows);
  return {
    rows: kept,
    columns: new Map([...left.columns].map(([id, column]) => [id, thinned(column, kept, left.rows)])),
  };
};
