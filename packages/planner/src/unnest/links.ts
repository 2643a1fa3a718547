import { type ColumnId, compare, type Expression, sameType } from "@headcut/plan";
import { freeColumns, refersOnlyTo, refersTo } from "../traverse/expression.ts";

/** A link that says `outer = inner`: one side over columns of the outside alone, the other over the plan's alone. */
export interface Equality {
  readonly outer: Expression;
  readonly inner: Expression;
  /** IS NOT DISTINCT FROM. */
  readonly nullSafe: boolean;
}

type Ids = ReadonlySet<ColumnId>;

/** The link as an equality between outside and inside, if it is one. */
export const asEquality = (link: Expression, outer: Ids): Equality | undefined => {
  if (link.kind !== "compare" || (link.op !== "eq" && link.op !== "notDistinct")) return undefined;
  const { left, right } = link;
  if (!sameType(left.type, right.type)) return undefined;
  const nullSafe = link.op === "notDistinct";
  const isOuter = (side: Expression): boolean => freeColumns(side).size > 0 && refersOnlyTo(side, outer);
  const isInner = (side: Expression): boolean => freeColumns(side).size > 0 && !refersTo(side, outer);
  if (isOuter(left) && isInner(right)) return { outer: left, inner: right, nullSafe };
  if (isOuter(right) && isInner(left)) return { outer: right, inner: left, nullSafe };
  return undefined;
};

export const equalityLink = ({ outer, inner, nullSafe }: Equality): Expression =>
  compare(nullSafe && (outer.nullable || inner.nullable) ? "notDistinct" : "eq", outer, inner);

/**
 * Inner expressions that stand for outer columns wherever the links hold. Floating-point columns have none: 0 and -0
 * are equal and yet not the same value.
 */
export const representations = (links: readonly Expression[], outer: Ids): ReadonlyMap<ColumnId, Expression> => {
  const map = new Map<ColumnId, Expression>();
  for (const link of links) {
    const equality = asEquality(link, outer);
    if (equality === undefined || equality.outer.kind !== "column" || map.has(equality.outer.id)) continue;
    const { kind } = equality.outer.type;
    if (kind !== "float" && kind !== "double") map.set(equality.outer.id, equality.inner);
  }
  return map;
};

/** The outer columns among those the expressions refer to. */
export const outerColumnsOf = (expressions: readonly Expression[], outer: Ids): ReadonlySet<ColumnId> => {
  const found = new Set<ColumnId>();
  for (const expression of expressions) {
    for (const id of freeColumns(expression)) if (outer.has(id)) found.add(id);
  }
  return found;
};
