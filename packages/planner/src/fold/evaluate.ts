import { type Expression, QueryError, type TypedValue, type Value } from "@headcut/plan";
import { castValue } from "./cast-value.ts";
import { evaluateComparison } from "./compare-values.ts";
import { evaluateArithmetic, evaluateNegation } from "./evaluate-arithmetic.ts";
import { evaluateCall } from "./evaluate-call.ts";
import { evaluateLike } from "./evaluate-like.ts";

/**
 * The value of an expression without columns, as execution would compute it; undefined when it has columns or is a
 * function left to execution. Throws what execution would throw (overflow, conversion). Lazy where SQL is: branches of CASE
 * that are not taken, and operands of AND and OR after one that decides, are not looked at.
 */
export const evaluateConstant = (expression: Expression): TypedValue | undefined => {
  const value = evaluate(expression);
  return value === undefined ? undefined : { type: expression.type, value };
};

const evaluate = (node: Expression): Value | undefined => {
  switch (node.kind) {
    case "column":
      return undefined;
    case "constant":
      return node.value;
    case "compare": {
      const pair = both(node.left, node.right);
      return pair && evaluateComparison(node.op, pair[0], pair[1]);
    }
    case "and":
      return connective(node.args, false);
    case "or":
      return connective(node.args, true);
    case "not": {
      const value = evaluate(node.arg);
      return value === undefined || value === null ? value : !value;
    }
    case "isNull": {
      const value = evaluate(node.arg);
      return value === undefined ? undefined : value === null;
    }
    case "arithmetic": {
      const pair = both(node.left, node.right);
      if (pair === undefined) return undefined;
      return pair[0] === null || pair[1] === null ? null : evaluateArithmetic(node, pair[0], pair[1]);
    }
    case "negate": {
      const value = evaluate(node.arg);
      return value === undefined || value === null ? value : evaluateNegation(node.type, value);
    }
    case "case":
      return evaluateCase(node);
    case "cast":
      return evaluateCast(node);
    case "inList":
      return evaluateIn(node);
    case "like": {
      const pair = both(node.arg, node.pattern);
      if (pair === undefined || pair[0] === null || pair[1] === null) return pair && null;
      return evaluateLike(pair[0] as string, pair[1] as string, node.escape, node.caseInsensitive);
    }
    case "call": {
      const args = all(node.args);
      return args && evaluateCall(node, args);
    }
  }
};

const both = (left: Expression, right: Expression): readonly [Value, Value] | undefined => {
  const a = evaluate(left);
  const b = a === undefined ? undefined : evaluate(right);
  return a === undefined || b === undefined ? undefined : [a, b];
};

const all = (expressions: readonly Expression[]): readonly Value[] | undefined => {
  const values: Value[] = [];
  for (const expression of expressions) {
    const value = evaluate(expression);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
};

/** AND is decided by FALSE, OR by TRUE; otherwise NULL wins. */
const connective = (args: readonly Expression[], decisive: boolean): Value | undefined => {
  let result: Value = !decisive;
  for (const arg of args) {
    const value = evaluate(arg);
    if (value === undefined) return undefined;
    if (value === decisive) return decisive;
    if (value === null) result = null;
  }
  return result;
};

const evaluateCase = (node: Expression & { readonly kind: "case" }): Value | undefined => {
  for (const { when, then } of node.branches) {
    const condition = evaluate(when);
    if (condition === undefined) return undefined;
    if (condition === true) return evaluate(then);
  }
  return evaluate(node.otherwise);
};

const evaluateCast = (node: Expression & { readonly kind: "cast" }): Value | undefined => {
  const value = evaluate(node.arg);
  if (value === undefined) return undefined;
  try {
    return castValue(value, node.arg.type, node.type);
  } catch (error) {
    if (node.try && error instanceof QueryError) return null;
    throw error;
  }
};

const evaluateIn = (node: Expression & { readonly kind: "inList" }): Value | undefined => {
  const arg = evaluate(node.arg);
  const list = arg === undefined ? undefined : all(node.list);
  if (arg === undefined || list === undefined) return undefined;
  if (arg === null) return null;
  if (list.some((item) => evaluateComparison("eq", arg, item) === true)) return true;
  return list.includes(null) ? null : false;
};
