import { type DataType, integerLayout, isInteger, QueryError, typeName } from "@headcut/plan";
import { emitComparison } from "../comparison.ts";
import { negateDecimal } from "../decimal-arithmetic.ts";
import { emitRaiseIf } from "../failure.ts";
import { raiseCode } from "../raise-code.ts";
import type { ExpressionScope } from "../scope.ts";
import { emitMove, freshValue } from "../storage-access.ts";
import { pop, push, type Value } from "../value.ts";
import { argType, type EmitCall } from "./call.ts";

const absolute: EmitCall = (context) => {
  const { scope } = context;
  const { fn } = scope;
  const [arg] = context.args as [Value];
  const type = argType(context, 0);
  if (type.kind === "float" || type.kind === "double") {
    push(fn, arg);
    fn.op(type.kind === "float" ? "f32.abs" : "f64.abs");
    return pop(fn, type.kind === "float" ? "float32" : "float64", arg.isNull);
  }
  if (isInteger(type)) {
    const { bits, signed } = integerLayout(type.kind);
    if (!signed) return arg;
    const word = arg.storage === "int32" ? "i32" : "i64";
    push(fn, arg);
    fn[word](-(2 ** (bits - 1)));
    fn.op(`${word}.eq`);
    emitRaiseIf(scope, raiseCode.overflow, `overflow in the absolute value of a ${typeName(type)} value`, arg.isNull);
    fn[word](0);
    push(fn, arg);
    fn.op(`${word}.sub`);
    push(fn, arg);
    push(fn, arg);
    fn[word](0);
    fn.op(`${word}.lt_s`);
    fn.op("select");
    return pop(fn, word === "i32" ? "int32" : "int64", arg.isNull);
  }
  if (type.kind !== "decimal") throw new QueryError("unsupported", `abs of ${typeName(type)} is not supported`);
  const result = freshValue(fn, arg.storage, false);
  emitNegative(scope, arg);
  fn.if(
    () => emitMove(fn, { ...negateDecimal(scope, arg), isNull: undefined }, result),
    () => emitMove(fn, { ...arg, isNull: undefined }, result),
  );
  return { ...result, isNull: arg.isNull };
};

/** Leaves an i32: whether the decimal is below zero. */
const emitNegative = ({ fn }: ExpressionScope, value: Value): void => {
  fn.get(value.locals.at(-1)!);
  fn.i64(0);
  fn.op("i64.lt_s");
};

/** -1, 0 or 1; of NaN 0. */
const sign: EmitCall = (context) => {
  const { scope, args } = context;
  const { fn } = scope;
  const [arg] = args as [Value];
  switch (arg.storage) {
    case "float32":
    case "float64": {
      const word = arg.storage === "float32" ? "f32" : "f64";
      for (const op of ["gt", "lt"] as const) {
        push(fn, arg);
        fn[word](0);
        fn.op(`${word}.${op}`);
      }
      fn.op("i32.sub");
      return pop(fn, "int32", arg.isNull);
    }
    case "int32":
      push(fn, arg);
      fn.op("i64.extend_i32_s");
      return signOfWord(scope, pop(fn, "int64", arg.isNull), argType(context, 0));
    case "int64":
      return signOfWord(scope, arg, argType(context, 0));
    default: {
      fn.get(arg.locals[1]!);
      fn.i64(63);
      fn.op("i64.shr_s");
      fn.op("i32.wrap_i64");
      push(fn, arg);
      fn.op("i64.or");
      fn.op("i64.eqz");
      fn.op("i32.eqz");
      fn.op("i32.or");
      return pop(fn, "int32", arg.isNull);
    }
  }
};

/** sign = -1 for the sign bit, or 1 for any other bit. */
const signOfWord = ({ fn }: ExpressionScope, value: Value, type: DataType): Value => {
  push(fn, value);
  fn.i64(0);
  fn.op(type.kind === "uint64" ? "i64.ne" : "i64.gt_s");
  push(fn, value);
  fn.i64(0);
  fn.op(type.kind === "uint64" ? "i64.lt_u" : "i64.lt_s");
  fn.op("i32.sub");
  return pop(fn, "int32", value.isNull);
};

/** The greatest or least of the arguments that are not NULL; NULL when all are. */
const extreme =
  (op: "gt" | "lt"): EmitCall =>
  (context) => {
    const { scope, args } = context;
    const { fn } = scope;
    const type = argType(context, 0);
    const nullable = args.every(({ isNull }) => isNull !== undefined);
    const best = freshValue(fn, args[0]!.storage, true);
    fn.i32(1);
    fn.set(best.isNull!);
    for (const arg of args) {
      fn.get(best.isNull!);
      fn.if(
        () => fn.i32(1),
        () => emitComparison(scope, op, arg, best, type),
        "i32",
      );
      if (arg.isNull !== undefined) {
        fn.get(arg.isNull);
        fn.op("i32.eqz");
        fn.op("i32.and");
      }
      fn.if(() => emitMove(fn, { ...arg, isNull: undefined }, best));
    }
    return nullable ? best : { ...best, isNull: undefined };
  };

export const signCalls: Readonly<Record<string, EmitCall>> = {
  abs: absolute,
  sign,
  greatest: extreme("gt"),
  least: extreme("lt"),
};
