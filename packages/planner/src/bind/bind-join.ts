import {
  and,
  type ColumnId,
  compare,
  type Expression,
  isNull,
  type JoinKind,
  type LogicalPlan,
  not,
  QueryError,
  type SourceRange,
  TRUE,
} from "@headcut/plan";
import { commonOperandType, type Operand } from "../functions/operand.ts";
import { coerce } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import { freeColumns } from "../traverse/expression.ts";
import type { QueryEnv } from "./bind-context.ts";
import { branch, caseOf, incomparable } from "./combine.ts";
import { clauseEnv } from "./environments.ts";
import { bindPredicate, operand } from "./operands.ts";
import {
  concatScopes,
  type MergedColumn,
  nullableScope,
  resolveColumn,
  type Scope,
  sameName,
  starColumns,
  unknownColumn,
} from "./scope.ts";
import { applyJoins, isDependent } from "./subquery-joins.ts";

interface Source {
  readonly plan: LogicalPlan;
  readonly scope: Scope;
}

type BindTableRef = (ref: tree.TableRef, env: QueryEnv, lateral: Scope) => Source;

/** An explicit join. Its right side sees the columns of the left, as `LATERAL` or without it. */
export const bindJoin = (node: tree.Join, env: QueryEnv, lateral: Scope, bindTableRef: BindTableRef): Source => {
  const left = bindTableRef(node.left, env, lateral);
  const right = bindTableRef(node.right, env, concatScopes(lateral, left.scope));
  const joinKind: JoinKind = node.joinKind === "cross" ? "inner" : node.joinKind;
  if (isDependent(left.plan, right.plan) && (joinKind === "right" || joinKind === "full")) {
    throw new QueryError("unsupported", `the right side of a ${joinKind.toUpperCase()} JOIN cannot refer to the left`, {
      range: node.right.range,
    });
  }
  const { condition } = node;
  if (condition === undefined) return join(joinKind, left, right, TRUE, []);
  if (condition.kind === "on") return joinOn(joinKind, left, right, condition.predicate, env, lateral);
  const names = condition.kind === "using" ? condition.columns : commonNames(left.scope, right.scope, condition.range);
  return joinUsing(joinKind, left, right, names);
};

const isSemi = (joinKind: JoinKind): boolean => joinKind === "semi" || joinKind === "anti";

const joinedScope = (joinKind: JoinKind, left: Scope, right: Scope): Scope => {
  if (isSemi(joinKind)) return left;
  const padLeft = joinKind === "right" || joinKind === "full";
  const padRight = joinKind === "left" || joinKind === "full";
  return concatScopes(padLeft ? nullableScope(left) : left, padRight ? nullableScope(right) : right);
};

const join = (
  joinKind: JoinKind,
  left: Source,
  right: Source,
  condition: Expression,
  merged: readonly MergedColumn[],
): Source => {
  const scope = joinedScope(joinKind, left.scope, right.scope);
  const replaced = new Set(merged.flatMap((column) => [...column.members]));
  const kept = scope.merged.filter((column) => ![...column.members].some((id) => replaced.has(id)));
  return {
    plan: {
      kind: "join",
      joinKind,
      left: left.plan,
      right: right.plan,
      condition,
      mark: undefined,
      dependent: isDependent(left.plan, right.plan),
    },
    scope: { relations: scope.relations, merged: [...kept, ...merged] },
  };
};

/**
 * `ON predicate`. Where the predicate has subqueries, these are joined to the right side, which thereby may come to
 * depend on the left; the predicate is then a filter there. A FULL JOIN has no such side.
 */
const joinOn = (
  joinKind: JoinKind,
  left: Source,
  right: Source,
  predicate: tree.Expression,
  env: QueryEnv,
  lateral: Scope,
): Source => {
  const scope = concatScopes(left.scope, right.scope);
  const on = clauseEnv(env, scope, "ON");
  const outer = lateral.relations.length === 0 ? on : { ...on, outer: clauseEnv(env, lateral, "FROM") };
  const condition = bindPredicate(predicate, outer);
  if (outer.joins.length === 0) return join(joinKind, left, right, condition, []);
  if (joinKind === "full") {
    throw new QueryError("unsupported", "a FULL JOIN's condition cannot have a subquery", { range: predicate.range });
  }
  if (joinKind === "right") {
    const preserved = filtered(left.plan, outer.joins, condition);
    const swapped = join("left", right, { ...left, plan: preserved }, TRUE, []);
    return { plan: swapped.plan, scope: joinedScope("right", left.scope, right.scope) };
  }
  return join(joinKind, left, { ...right, plan: filtered(right.plan, outer.joins, condition) }, TRUE, []);
};

const filtered = (plan: LogicalPlan, joins: Parameters<typeof applyJoins>[1], predicate: Expression): LogicalPlan => ({
  kind: "filter",
  input: applyJoins(plan, joins),
  predicate,
});

/** The names NATURAL JOIN joins by, in the left side's order. */
const commonNames = (left: Scope, right: Scope, range: SourceRange): readonly tree.Identifier[] => {
  const names = starColumns(right).map(({ name }) => name);
  const common = starColumns(left).filter(({ name }) => names.some((other) => sameName(name, other)));
  if (common.length === 0) {
    throw new QueryError("unknown-column", "NATURAL JOIN finds no column that both sides have", { range });
  }
  return common.map(({ name }) => ({ kind: "identifier", name, quoted: false, range }));
};

/** `USING (a, b)`: one column of each name remains, which for FULL JOIN is the one that is there. */
const joinUsing = (joinKind: JoinKind, left: Source, right: Source, names: readonly tree.Identifier[]): Source => {
  const pairs = names.map((name) => usingPair(name, left.scope, right.scope));
  const condition = and(...pairs.map((pair) => compare("eq", pair.left, pair.right)));
  if (isSemi(joinKind)) return join(joinKind, left, right, condition, []);
  const before = [...left.scope.merged, ...right.scope.merged];
  const merged = pairs.map((pair) => mergedColumn(pair, joinKind, before));
  return join(joinKind, left, right, condition, merged);
};

interface UsingPair {
  readonly name: tree.Identifier;
  /** Both sides as they are, and as they are compared. */
  readonly leftColumn: Expression;
  readonly rightColumn: Expression;
  readonly left: Expression;
  readonly right: Expression;
}

const usingPair = (name: tree.Identifier, left: Scope, right: Scope): UsingPair => {
  const side = (scope: Scope, word: string): Operand => {
    const column = resolveColumn(scope, [name.name], name.range);
    if (column !== undefined) return operand(column, name.range);
    const { hint } = unknownColumn([scope], [name.name], name.range);
    throw new QueryError("unknown-column", `the ${word} side of the join has no column ${name.name}`, {
      range: name.range,
      ...(hint && { hint }),
    });
  };
  const a = side(left, "left");
  const b = side(right, "right");
  const type = commonOperandType([a, b]);
  if (type === undefined) throw incomparable(a, b, name.range);
  return {
    name,
    leftColumn: a.expression,
    rightColumn: b.expression,
    left: coerce(a, type),
    right: coerce(b, type),
  };
};

/** A column that was merged already brings all its members along. */
const mergedColumn = (pair: UsingPair, joinKind: JoinKind, before: readonly MergedColumn[]): MergedColumn => {
  const members = new Set<ColumnId>([...freeColumns(pair.leftColumn), ...freeColumns(pair.rightColumn)]);
  for (const column of before) {
    if (sameName(column.name, pair.name.name)) for (const id of column.members) members.add(id);
  }
  return { name: pair.name.name, expression: mergedExpression(pair, joinKind), members };
};

const mergedExpression = (pair: UsingPair, joinKind: JoinKind): Expression => {
  switch (joinKind) {
    case "right":
      return pair.rightColumn;
    case "full": {
      const left = padded(pair.left);
      const right = padded(pair.right);
      return caseOf([branch(not(isNull(left)), left)], right);
    }
    default:
      return pair.leftColumn;
  }
};

/** Either side's column may be missing in a FULL JOIN. */
const padded = (expression: Expression): Expression => ({ ...expression, nullable: true });
