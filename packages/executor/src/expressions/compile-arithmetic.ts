import {
  type Arithmetic,
  assert,
  type IntegerType,
  integerLayout,
  isDecimal,
  isFloating,
  isInteger,
  type Negate,
  QueryError,
  typeName,
} from "@headcut/plan";
import { decimalArithmetic, negateDecimal } from "./decimal-arithmetic.ts";
import { emitRaiseIf } from "./failure.ts";
import { integerArithmetic } from "./integer-arithmetic.ts";
import { negateInterval } from "./interval-arithmetic.ts";
import { raiseCode } from "./raise-code.ts";
import type { ExpressionScope } from "./scope.ts";
import { temporalArithmetic } from "./temporal-arithmetic.ts";
import { anyNull, only, pop, push, type Value } from "./value.ts";

export const compileArithmetic = (expression: Arithmetic, a: Value, b: Value, scope: ExpressionScope): Value => {
  const { op, type, left, right } = expression;
  if (isFloating(type)) return floatArithmetic(scope, op, a, b);
  assert(op !== "div" || type.kind === "interval", "binding casts the operands of / to floating-point numbers");
  if (isInteger(left.type) && isInteger(right.type) && isInteger(type) && op !== "div") {
    return integerArithmetic(scope, op, a, b, type);
  }
  if (isDecimal(left.type) && isDecimal(right.type) && isDecimal(type) && op !== "div") {
    return decimalArithmetic(scope, op, { value: a, type: left.type }, { value: b, type: right.type }, type);
  }
  return temporalArithmetic(scope, expression, a, b);
};

/** IEEE 754: overflow gives an infinity, x / 0 an infinity or NaN; but x // 0, otherwise plain division, is NULL. */
const floatArithmetic = ({ fn, module }: ExpressionScope, op: Arithmetic["op"], a: Value, b: Value): Value => {
  const operands = anyNull(fn, [a, b]);
  const single = a.storage === "float32";
  const storage = single ? "float32" : "float64";
  const word = single ? "f32" : "f64";
  if (op === "mod") {
    for (const operand of [a, b]) {
      push(fn, operand);
      if (single) fn.op("f64.promote_f32");
    }
    fn.call(module.kernel("floatRemainder"));
    // The remainder of two floats is a float: nothing is rounded here.
    if (single) fn.op("f32.demote_f64");
    return pop(fn, storage, operands);
  }
  push(fn, a);
  push(fn, b);
  if (op !== "intdiv") {
    fn.op(`${word}.${op}`);
    return pop(fn, storage, operands);
  }
  fn.op(`${word}.div`);
  const quotient = pop(fn, storage);
  const isNull = fn.local("i32");
  push(fn, b);
  fn[word](0);
  fn.op(`${word}.eq`);
  if (operands !== undefined) {
    fn.get(operands);
    fn.op("i32.or");
  }
  fn.set(isNull);
  return { ...quotient, isNull };
};

export const compileNegate = ({ type }: Negate, arg: Value, scope: ExpressionScope): Value => {
  const { fn } = scope;
  if (isDecimal(type)) return negateDecimal(scope, arg);
  if (isInteger(type)) return negateInteger(scope, type, arg);
  switch (type.kind) {
    case "float":
    case "double":
      push(fn, arg);
      fn.op(type.kind === "float" ? "f32.neg" : "f64.neg");
      return pop(fn, type.kind === "float" ? "float32" : "float64", arg.isNull);
    case "interval":
      return negateInterval(scope, arg);
    default:
      throw new QueryError("unsupported", `negation of ${typeName(type)} is not supported`);
  }
};

/** The least signed number, and any unsigned one but 0, has no negative. */
const negateInteger = (scope: ExpressionScope, type: IntegerType, arg: Value): Value => {
  const { fn } = scope;
  const { bits, signed } = integerLayout(type.kind);
  const word = arg.storage === "int32" ? "i32" : "i64";
  fn.get(only(arg));
  fn[word](signed ? -(2 ** (bits - 1)) : 0);
  fn.op(`${word}.${signed ? "eq" : "ne"}`);
  emitRaiseIf(scope, raiseCode.overflow, `overflow in the negation of a ${typeName(type)} value`, arg.isNull);
  fn[word](0);
  fn.get(only(arg));
  fn.op(`${word}.sub`);
  return pop(fn, word === "i32" ? "int32" : "int64", arg.isNull);
};
