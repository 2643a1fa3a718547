import { type ColumnId, conjuncts, type Expression, type LogicalJoin } from "@headcut/plan";
import { refersOnlyTo } from "../traverse/expression.ts";
import { idsOf } from "../traverse/plan.ts";
import { type ColumnEstimate, thinned, unknownColumn } from "./column-estimate.ts";
import { equalitySelectivity, matchShare } from "./equality-selectivity.ts";
import { expressionDistinct, type RowsEstimate, selectivity } from "./selectivity.ts";

/** A join condition taken apart for estimation. */
interface JoinShape {
  readonly leftKeys: ColumnEstimate[];
  readonly rightKeys: ColumnEstimate[];
  /** Share of key-matching pairs that the rest of the condition keeps. */
  readonly residual: number;
}

const shapeOf = (plan: LogicalJoin, left: RowsEstimate, right: RowsEstimate): JoinShape => {
  const leftIds = idsOf(plan.left);
  const rightIds = idsOf(plan.right);
  const leftKeys: ColumnEstimate[] = [];
  const rightKeys: ColumnEstimate[] = [];
  const rest: Expression[] = [];
  for (const part of conjuncts(plan.condition)) {
    const equality = part.kind === "compare" && (part.op === "eq" || part.op === "notDistinct") ? part : undefined;
    if (equality !== undefined && refersOnlyTo(equality.left, leftIds) && refersOnlyTo(equality.right, rightIds)) {
      leftKeys.push(keyEstimate(equality.left, left));
      rightKeys.push(keyEstimate(equality.right, right));
    } else if (
      equality !== undefined &&
      refersOnlyTo(equality.right, leftIds) &&
      refersOnlyTo(equality.left, rightIds)
    ) {
      leftKeys.push(keyEstimate(equality.right, left));
      rightKeys.push(keyEstimate(equality.left, right));
    } else rest.push(part);
  }
  const both: RowsEstimate = { rows: left.rows * right.rows, columns: new Map([...left.columns, ...right.columns]) };
  const residual = rest.reduce((share, part) => share * selectivity(part, both), 1);
  return { leftKeys, rightKeys, residual };
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

/** Rows and columns of a join. */
export const estimateJoin = (plan: LogicalJoin, left: RowsEstimate, right: RowsEstimate): RowsEstimate => {
  const shape = shapeOf(plan, left, right);
  const pairs = left.rows * right.rows * equalitySelectivity(shape.leftKeys, shape.rightKeys) * shape.residual;
  const both = (rows: number): RowsEstimate => ({ rows, columns: merged(left, right, rows) });
  switch (plan.joinKind) {
    case "inner":
      return both(Math.min(left.rows * right.rows, Math.max(1, pairs)));
    case "left":
      return both(Math.max(pairs, left.rows));
    case "single":
      return both(left.rows);
    case "right":
      return both(Math.max(pairs, right.rows));
    case "full":
      return both(Math.max(pairs, left.rows, right.rows));
    case "semi":
      return onlyLeft(left, Math.max(1, left.rows * semiShare(shape, right)));
    case "anti":
      return onlyLeft(left, Math.max(1, left.rows * Math.max(0.02, 1 - semiShare(shape, right))));
    case "mark": {
      const trueFraction = semiShare(shape, right);
      const columns = new Map(left.columns);
      columns.set(plan.mark!.id, { ...unknownColumn(2), trueFraction });
      return { rows: left.rows, columns };
    }
  }
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
