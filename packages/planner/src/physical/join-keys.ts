import { and, type ColumnId, conjuncts, type Expression, type JoinKind, sameType, TRUE } from "@headcut/plan";
import { refersOnlyTo } from "../traverse/expression.ts";

/** `left = right`, one side of a join each. */
export interface SideKey {
  readonly left: Expression;
  readonly right: Expression;
  readonly nullSafe: boolean;
}

export interface SplitCondition {
  readonly keys: readonly SideKey[];
  readonly residual: Expression;
}

type Ids = ReadonlySet<ColumnId>;

/** The conjunct as a hash key, if it equates something of the left with something of the right. */
const keyOf = (part: Expression, left: Ids, right: Ids): SideKey | undefined => {
  if (part.kind !== "compare" || (part.op !== "eq" && part.op !== "notDistinct")) return undefined;
  if (part.left.kind === "constant" || part.right.kind === "constant") return undefined;
  if (!sameType(part.left.type, part.right.type)) return undefined;
  const nullSafe = part.op === "notDistinct" && (part.left.nullable || part.right.nullable);
  if (refersOnlyTo(part.left, left) && refersOnlyTo(part.right, right)) {
    return { left: part.left, right: part.right, nullSafe };
  }
  if (refersOnlyTo(part.left, right) && refersOnlyTo(part.right, left)) {
    return { left: part.right, right: part.left, nullSafe };
  }
  return undefined;
};

/**
 * Splits a join condition into hash keys and the rest. A mark join's NULLs matter: unless its whole condition is one
 * equality, keys that may be NULL stay in the residual, where they are evaluated in three-valued logic.
 */
export const splitCondition = (condition: Expression, joinKind: JoinKind, left: Ids, right: Ids): SplitCondition => {
  const parts = conjuncts(condition);
  const keys: SideKey[] = [];
  const rest: Expression[] = [];
  for (const part of parts) {
    const key = keyOf(part, left, right);
    const nullsMatter =
      joinKind === "mark" &&
      parts.length > 1 &&
      key !== undefined &&
      !key.nullSafe &&
      (key.left.nullable || key.right.nullable);
    if (key === undefined || nullsMatter) rest.push(part);
    else keys.push(key);
  }
  return { keys, residual: rest.length === 0 ? TRUE : and(...rest) };
};
