import { assert, type Expression, typeName, unreachable } from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";
import { compileCall } from "./call/compile-call.ts";
import { emitLower } from "./call/text-calls.ts";
import { compileArithmetic, compileNegate } from "./compile-arithmetic.ts";
import { compileCase } from "./compile-case.ts";
import { compileCast } from "./compile-cast.ts";
import { compileCompare } from "./compile-compare.ts";
import { compileConstant } from "./compile-constant.ts";
import { compileInList } from "./compile-in-list.ts";
import { compileLike } from "./compile-like.ts";
import { compileIsNull, compileLogical, compileNot } from "./compile-logic.ts";
import { emitPredicate } from "./compile-predicate.ts";
import type { ExpressionScope } from "./scope.ts";
import type { Value } from "./value.ts";

/** Emits the code that computes the expression for the current row; the value is in locals from there on. */
export const compileExpression = (expression: Expression, scope: ExpressionScope): Value => {
  const value = compileNode(expression, scope);
  assert(value.storage === storageOf(expression.type), `${expression.kind} gives ${typeName(expression.type)}`);
  return value;
};

/** Leaves an i32 on the stack: 1 where the expression is TRUE, 0 where it is FALSE or NULL. */
export const compilePredicate = (expression: Expression, scope: ExpressionScope): void =>
  emitPredicate(expression, true, scope, compileExpression);

const compileNode = (expression: Expression, scope: ExpressionScope): Value => {
  const { fn } = scope;
  const compile = (arg: Expression): Value => compileExpression(arg, scope);
  switch (expression.kind) {
    case "column":
      return scope.column(expression.id);
    case "constant":
      return compileConstant(expression, scope);
    case "compare":
      return compileCompare(expression, compile(expression.left), compile(expression.right), scope);
    case "and":
    case "or":
      return compileLogical(expression, expression.args.map(compile), fn);
    case "not":
      return compileNot(compile(expression.arg), fn);
    case "isNull":
      return compileIsNull(compile(expression.arg), fn);
    case "case":
      return compileCase(expression, scope, compileExpression, compilePredicate);
    case "arithmetic":
      return compileArithmetic(expression, compile(expression.left), compile(expression.right), scope);
    case "negate":
      return compileNegate(expression, compile(expression.arg), scope);
    case "cast":
      return compileCast(expression, compile(expression.arg), scope);
    case "inList":
      return compileInList(expression, compile(expression.arg), compile, scope);
    case "like":
      return compileLike(
        expression,
        compile(expression.arg),
        () => compile(expression.pattern),
        (text) => emitLower(scope, text),
        scope,
      );
    case "call":
      return compileCall(expression, expression.args.map(compile), scope);
    default:
      return unreachable(expression);
  }
};
