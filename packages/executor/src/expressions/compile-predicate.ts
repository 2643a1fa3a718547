import type { Expression } from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";
import { emitComparison } from "./comparison.ts";
import type { ExpressionScope } from "./scope.ts";
import { anyNull, only, type Value } from "./value.ts";

export type Compile = (expression: Expression, scope: ExpressionScope) => Value;

/**
 * Leaves an i32 on the stack: 1 where the expression is `wanted` (TRUE or FALSE), 0 elsewhere, NULL included. Arguments
 * of AND and OR are evaluated from left to right until one decides, so a guard before an argument that may fail
 * keeps it from failing.
 */
export const emitPredicate = (
  expression: Expression,
  wanted: boolean,
  scope: ExpressionScope,
  compile: Compile,
): void => {
  const { fn } = scope;
  switch (expression.kind) {
    case "constant":
      fn.i32(expression.value === wanted ? 1 : 0);
      return;
    case "not":
      emitPredicate(expression.arg, !wanted, scope, compile);
      return;
    case "and":
    case "or":
      chain(expression.args, (expression.kind === "and") === wanted ? "all" : "any", wanted, scope, compile);
      return;
    case "compare":
      if (expression.op !== "distinct" && expression.op !== "notDistinct") {
        const a = compile(expression.left, scope);
        const b = compile(expression.right, scope);
        const op = wanted ? expression.op : opposite[expression.op];
        const isNull = anyNull(fn, [a, b]);
        if (isNull === undefined) {
          emitComparison(scope, op, a, b, expression.left.type);
        } else if (a.storage === "string") {
          fn.get(isNull);
          fn.if(
            () => fn.i32(0),
            () => emitComparison(scope, op, a, b, expression.left.type),
            "i32",
          );
        } else {
          emitComparison(scope, op, a, b, expression.left.type);
          fn.get(isNull);
          fn.op("i32.eqz");
          fn.op("i32.and");
        }
        return;
      }
      break;
  }
  const value = compile(expression, scope);
  fn.get(only(value));
  if (!wanted) fn.op("i32.eqz");
  if (value.isNull === undefined) return;
  fn.get(value.isNull);
  fn.op("i32.eqz");
  fn.op("i32.and");
};

const opposite = { eq: "ne", ne: "eq", lt: "ge", le: "gt", gt: "le", ge: "lt" } as const;

/** Whether all or any of the arguments are `wanted`. Cheap arguments are joined without a branch to mispredict. */
const chain = (
  args: readonly Expression[],
  how: "all" | "any",
  wanted: boolean,
  scope: ExpressionScope,
  compile: Compile,
): void => {
  const { fn } = scope;
  const from = (position: number): void => {
    emitPredicate(args[position]!, wanted, scope, compile);
    let next = position + 1;
    while (next < args.length && isCheap(args[next]!)) {
      emitPredicate(args[next]!, wanted, scope, compile);
      fn.op(how === "all" ? "i32.and" : "i32.or");
      next++;
    }
    if (next === args.length) return;
    fn.if(
      () => (how === "all" ? from(next) : fn.i32(1)),
      () => (how === "all" ? fn.i32(0) : from(next)),
      "i32",
    );
  };
  from(0);
};

/** Costs no more than a branch and cannot fail. */
const isCheap = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "column":
    case "constant":
      return storageOf(expression.type) !== "string" && expression.type.kind !== "interval";
    case "compare":
      return isCheap(expression.left) && isCheap(expression.right);
    case "isNull":
    case "not":
      return isCheap(expression.arg);
    default:
      return false;
  }
};
