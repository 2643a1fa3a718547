import { type ColumnId, conjuncts, type Expression } from "@headcut/plan";
import { scalarFunction } from "../functions/catalogue.ts";
import { children } from "../traverse/expression.ts";

const NONE: ReadonlySet<ColumnId> = new Set();

const union = (sets: readonly ReadonlySet<ColumnId>[]): ReadonlySet<ColumnId> => {
  if (sets.length === 1) return sets[0]!;
  const all = new Set<ColumnId>();
  for (const set of sets) for (const id of set) all.add(id);
  return all;
};

const intersection = (sets: readonly ReadonlySet<ColumnId>[]): ReadonlySet<ColumnId> => {
  const [first, ...rest] = sets;
  return new Set([...(first ?? NONE)].filter((id) => rest.every((set) => set.has(id))));
};

/** Columns such that the expression is NULL whenever one of them is. */
export const strictColumns = (expression: Expression): ReadonlySet<ColumnId> => {
  switch (expression.kind) {
    case "column":
      return new Set([expression.id]);
    case "constant":
    case "isNull":
    case "case":
      return NONE;
    case "compare":
      if (expression.op === "distinct" || expression.op === "notDistinct") return NONE;
      return union(children(expression).map(strictColumns));
    case "arithmetic":
    case "negate":
    case "cast":
    case "not":
    case "like":
      return union(children(expression).map(strictColumns));
    case "inList":
      return strictColumns(expression.arg);
    case "and":
    case "or":
      // FALSE AND NULL is FALSE: only where every argument is NULL is the whole surely so.
      return intersection(expression.args.map(strictColumns));
    case "call":
      return scalarFunction(expression.name)?.nulls === "strict" ? union(expression.args.map(strictColumns)) : NONE;
  }
};

/** Columns such that the predicate is not TRUE whenever one of them is NULL. */
export const nullRejected = (predicate: Expression): ReadonlySet<ColumnId> => {
  switch (predicate.kind) {
    case "and":
      return union(conjuncts(predicate).map(nullRejected));
    case "or":
      return intersection(predicate.args.map(nullRejected));
    case "not":
      return predicate.arg.kind === "isNull" ? strictColumns(predicate.arg.arg) : strictColumns(predicate.arg);
    case "compare": {
      const { op, left, right } = predicate;
      if (op !== "notDistinct") return strictColumns(predicate);
      // `x IS NOT DISTINCT FROM constant` is not TRUE for a NULL x.
      if (right.kind === "constant" && right.value !== null) return strictColumns(left);
      if (left.kind === "constant" && left.value !== null) return strictColumns(right);
      return NONE;
    }
    default:
      return strictColumns(predicate);
  }
};
