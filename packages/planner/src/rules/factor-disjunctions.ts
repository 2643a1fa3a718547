import { and, compare, conjuncts, type Expression, or } from "@headcut/plan";
import { expressionKey, transformUp } from "../traverse/expression.ts";
import { mapAllExpressions } from "../traverse/plan.ts";
import type { Rule } from "./rule.ts";

/**
 * `(a AND b) OR (a AND c)` becomes `a AND (b OR c)`, whose `a` can then be a join key or move into a scan; equalities of
 * one expression with constants, joined by OR, become IN.
 */
export const factorDisjunctions: Rule = {
  name: "factor-disjunctions",
  apply: (plan) => mapAllExpressions(plan, (expression) => transformUp(expression, (node) => inList(factored(node)))),
};

/** The arguments of nested ORs, flattened. */
const disjuncts = (predicate: Expression): readonly Expression[] =>
  predicate.kind === "or" ? predicate.args.flatMap(disjuncts) : [predicate];

const factored = (node: Expression): Expression => {
  if (node.kind !== "or") return node;
  const branches = disjuncts(node).map(conjuncts);
  const [first, ...others] = branches;
  const keysOfOthers = others.map((branch) => new Set(branch.map(expressionKey)));
  const common = first!.filter((part) => keysOfOthers.every((keys) => keys.has(expressionKey(part))));
  if (common.length === 0) return node;
  const commonKeys = new Set(common.map(expressionKey));
  const rest = branches.map((branch) => branch.filter((part) => !commonKeys.has(expressionKey(part))));
  // A branch with nothing left is TRUE, and so is the disjunction.
  if (rest.some((branch) => branch.length === 0)) return and(...common);
  return and(...common, or(...rest.map((branch) => and(...branch))));
};

/** `x = 1 OR x = 2` as `x IN (1, 2)`: equal in three-valued logic, too. */
const inList = (node: Expression): Expression => {
  if (node.kind !== "or") return node;
  const values = new Map<string, { readonly arg: Expression; readonly list: Expression[] }>();
  const rest: Expression[] = [];
  for (const part of disjuncts(node)) {
    const equality = constantEquality(part);
    if (equality === undefined) {
      rest.push(part);
      continue;
    }
    const key = expressionKey(equality.arg);
    const known = values.get(key);
    if (known === undefined) values.set(key, { arg: equality.arg, list: [...equality.list] });
    else known.list.push(...equality.list);
  }
  if (![...values.values()].some(({ list }) => list.length > 1) || values.size + rest.length === node.args.length)
    return node;
  const lists = [...values.values()].map(({ arg, list }): Expression => {
    const seen = new Set<string>();
    const distinct = list.filter((item) => !seen.has(expressionKey(item)) && seen.add(expressionKey(item)));
    if (distinct.length === 1) return compare("eq", arg, distinct[0]!);
    return {
      kind: "inList",
      arg,
      list: distinct,
      type: node.type,
      nullable: arg.nullable || distinct.some((item) => item.nullable),
    };
  });
  return or(...lists, ...rest);
};

/** `x = constant` or `x IN (constants)`. */
const constantEquality = (part: Expression): { arg: Expression; list: readonly Expression[] } | undefined => {
  if (part.kind === "inList") return part.list.every((item) => item.kind === "constant") ? part : undefined;
  if (part.kind !== "compare" || part.op !== "eq") return undefined;
  if (part.right.kind === "constant") return { arg: part.left, list: [part.right] };
  if (part.left.kind === "constant") return { arg: part.right, list: [part.left] };
  return undefined;
};
