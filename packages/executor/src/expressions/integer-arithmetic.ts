import { type ArithmeticOp, type IntegerType, integerLayout, typeName } from "@headcut/plan";
import type { FunctionBuilder, FunctionRef, Local } from "../wasm/function-builder.ts";
import type { CodeModule } from "./code-module.ts";
import { emitRaiseIf } from "./failure.ts";
import { raiseCode } from "./raise-code.ts";
import type { ExpressionScope } from "./scope.ts";
import { anyNull, only, pop, type Value } from "./value.ts";

type CheckedOp = "add" | "sub" | "mul";

const nouns: Record<ArithmeticOp, string> = {
  add: "addition",
  sub: "subtraction",
  mul: "multiplication",
  div: "division",
  intdiv: "division",
  mod: "division",
};

export const overflowOf = (op: ArithmeticOp, type: string): string => `overflow in the ${nouns[op]} of ${type} values`;

/** Checked arithmetic on two integers of one type. */
export const integerArithmetic = (
  scope: ExpressionScope,
  op: Exclude<ArithmeticOp, "div">,
  a: Value,
  b: Value,
  type: IntegerType,
): Value => {
  if (op === "intdiv" || op === "mod") return division(scope, op, a, b, type);
  const { bits, signed } = integerLayout(type.kind);
  const isNull = anyNull(scope.fn, [a, b]);
  const result = bits === 64 ? wide(scope, op, a, b, signed, isNull) : narrow(scope, op, a, b, bits, signed);
  emitRaiseIf(scope, raiseCode.overflow, overflowOf(op, typeName(type)), isNull);
  return { ...result, isNull };
};

/** Up to 32 bits: computed exactly in more bits than the type has. Leaves whether it overflowed. */
const narrow = ({ fn }: ExpressionScope, op: CheckedOp, a: Value, b: Value, bits: number, signed: boolean): Value => {
  if (bits === 32 && signed) {
    const exact = fn.local("i64");
    fn.get(only(a));
    fn.op("i64.extend_i32_s");
    fn.get(only(b));
    fn.op("i64.extend_i32_s");
    fn.op(`i64.${op}`);
    fn.tee(exact);
    fn.op("i32.wrap_i64");
    const result = pop(fn, "int32");
    fn.get(exact);
    fn.op("i64.extend32_s");
    fn.get(exact);
    fn.op("i64.ne");
    return result;
  }
  const type = bits === 32 ? "i64" : "i32";
  fn.get(only(a));
  fn.get(only(b));
  fn.op(`${type}.${op}`);
  const result = pop(fn, bits === 32 ? "int64" : "int32");
  fn.get(only(result));
  if (signed) {
    fn.op(bits === 8 ? "i32.extend8_s" : "i32.extend16_s");
    fn.get(only(result));
    fn.op("i32.ne");
  } else {
    // What is below zero has its high bits set too.
    fn[type](bits);
    fn.op(`${type}.shr_u`);
    fn[type](0);
    fn.op(`${type}.ne`);
  }
  return result;
};

const wide = (
  scope: ExpressionScope,
  op: CheckedOp,
  a: Value,
  b: Value,
  signed: boolean,
  isNull: Local | undefined,
): Value => {
  const { fn } = scope;
  if (op === "mul") return emitCheckedProduct(scope, a, b, signed);
  fn.get(only(a));
  fn.get(only(b));
  fn.op(`i64.${op}`);
  const result = pop(fn, "int64", isNull);
  if (signed) {
    // Overflow: the result's sign differs from both addends', or from the minuend's, whose sign differs from the subtrahend's.
    fn.get(only(a));
    fn.get(op === "add" ? only(result) : only(b));
    fn.op("i64.xor");
    fn.get(op === "add" ? only(b) : only(a));
    fn.get(only(result));
    fn.op("i64.xor");
    fn.op("i64.and");
    fn.i64(0);
    fn.op("i64.lt_s");
  } else {
    fn.get(op === "add" ? only(result) : only(a));
    fn.get(only(b));
    fn.op("i64.lt_u");
  }
  return result;
};

/**
 * The product of two 64-bit integers; leaves an i32, whether it overflowed. Factors of 32 bits need no check, the rest
 * goes through a helper.
 */
export const emitCheckedProduct = ({ fn, module }: ExpressionScope, a: Value, b: Value, signed: boolean): Value => {
  const overflow = fn.local("i32");
  const result = fn.local("i64");
  emitSmallFactors(fn, only(a), only(b), signed);
  fn.if(
    () => {
      fn.get(only(a));
      fn.get(only(b));
      fn.op("i64.mul");
      fn.set(result);
      fn.i32(0);
      fn.set(overflow);
    },
    () => {
      fn.get(only(a));
      fn.get(only(b));
      fn.call(multiplyChecked(module, signed));
      fn.set(overflow);
      fn.set(result);
    },
  );
  fn.get(overflow);
  return { storage: "int64", locals: [result], isNull: undefined };
};

/** Leaves an i32: whether both factors fit 32 bits. */
export const emitSmallFactors = (fn: FunctionBuilder, a: Local, b: Local, signed = true): void => {
  for (const [position, factor] of [a, b].entries()) {
    fn.get(factor);
    if (signed) {
      fn.i64(0x80000000n);
      fn.op("i64.add");
    }
    if (position === 1) fn.op("i64.or");
  }
  fn.i64(32);
  fn.op("i64.shr_u");
  fn.op("i64.eqz");
};

/** (a, b) → (product, i32: whether it overflowed). */
const multiplyChecked = (module: CodeModule, signed: boolean): FunctionRef =>
  module.helper(signed ? "multiplySigned" : "multiplyUnsigned", ["i64", "i64"], ["i64", "i32"], (fn) => {
    const [a, b] = fn.params as [Local, Local];
    const product = fn.local("i64");
    fn.get(a);
    fn.get(b);
    fn.op("i64.mul");
    fn.tee(product);
    fn.get(b);
    fn.op("i64.eqz");
    fn.if(
      () => fn.i32(0),
      () => {
        if (signed) {
          // The least number times -1 is the one product whose division would trap.
          fn.get(b);
          fn.i64(-1);
          fn.op("i64.eq");
          fn.if(
            () => {
              fn.get(a);
              fn.i64(-(2n ** 63n));
              fn.op("i64.eq");
            },
            () => quotientDiffers(fn, product, a, b, "i64.div_s"),
            "i32",
          );
        } else {
          quotientDiffers(fn, product, a, b, "i64.div_u");
        }
      },
      "i32",
    );
  });

const quotientDiffers = (
  fn: FunctionBuilder,
  product: Local,
  a: Local,
  b: Local,
  divide: "i64.div_s" | "i64.div_u",
): void => {
  fn.get(product);
  fn.get(b);
  fn.op(divide);
  fn.get(a);
  fn.op("i64.ne");
};

/** Truncating division and its remainder: NULL for a divisor of zero, an error for the least number by -1. */
const division = (scope: ExpressionScope, op: "intdiv" | "mod", a: Value, b: Value, type: IntegerType): Value => {
  const { fn } = scope;
  const { bits, signed } = integerLayout(type.kind);
  const word = a.storage === "int32" ? "i32" : "i64";
  const { divisor, isNull } = emitSafeDivisor(fn, a, b);
  if (signed) {
    fn.get(only(a));
    fn[word](-(2 ** (bits - 1)));
    fn.op(`${word}.eq`);
    fn.get(divisor);
    fn[word](-1);
    fn.op(`${word}.eq`);
    fn.op("i32.and");
    emitRaiseIf(scope, raiseCode.overflow, overflowOf(op, typeName(type)), undefined);
  }
  fn.get(only(a));
  fn.get(divisor);
  fn.op(`${word}.${op === "intdiv" ? "div" : "rem"}_${signed ? "s" : "u"}`);
  return pop(fn, word === "i32" ? "int32" : "int64", isNull);
};

/** The divisor, or 1 where the result is NULL (an operand is NULL, or the divisor 0), so that dividing never traps. */
export const emitSafeDivisor = (fn: FunctionBuilder, a: Value, b: Value): { divisor: Local; isNull: Local } => {
  const word = only(b).type as "i32" | "i64";
  const operands = anyNull(fn, [a, b]);
  const isNull = fn.local("i32");
  const divisor = fn.local(word);
  fn.get(only(b));
  fn.op(`${word}.eqz`);
  if (operands !== undefined) {
    fn.get(operands);
    fn.op("i32.or");
  }
  fn.set(isNull);
  fn[word](1);
  fn.get(only(b));
  fn.get(isNull);
  fn.op("select");
  fn.set(divisor);
  return { divisor, isNull };
};
