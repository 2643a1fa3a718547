import { type ArithmeticOp, type DecimalType, typeName } from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";
import type { Local } from "../wasm/function-builder.ts";
import { emitRaiseIf } from "./failure.ts";
import { emitAddInt128, emitBeyondDigits, emitFitsInt64, emitInt128Kernel, multiplyWide, widen } from "./int128.ts";
import { emitCheckedProduct, emitSafeDivisor, emitSmallFactors, overflowOf } from "./integer-arithmetic.ts";
import { raiseCode } from "./raise-code.ts";
import type { ExpressionScope } from "./scope.ts";
import { freshValue } from "./storage-access.ts";
import { anyNull, only, pop, popInt128, push, type Value } from "./value.ts";

interface Operand {
  readonly value: Value;
  readonly type: DecimalType;
}

/**
 * Exact arithmetic on decimals, in 64 or 128 bits as the result's type needs. A result with more digits than its type
 * is an overflow; it is checked only where the operands' types allow one.
 */
export const decimalArithmetic = (
  scope: ExpressionScope,
  op: Exclude<ArithmeticOp, "div">,
  a: Operand,
  b: Operand,
  type: DecimalType,
): Value => {
  switch (op) {
    case "add":
    case "sub":
      return addition(scope, op, a, b, type);
    case "mul":
      return multiplication(scope, a, b, type);
    case "intdiv":
    case "mod":
      return division(scope, op, a.value, b.value, type);
  }
};

const checkDigits = (scope: ExpressionScope, op: ArithmeticOp, value: Value, type: DecimalType): void => {
  emitBeyondDigits(scope.fn, value, type.precision);
  emitRaiseIf(scope, raiseCode.overflow, overflowOf(op, typeName(type)), value.isNull);
};

const addition = (scope: ExpressionScope, op: "add" | "sub", a: Operand, b: Operand, type: DecimalType): Value => {
  const { fn } = scope;
  const isNull = anyNull(fn, [a.value, b.value]);
  let sum: Value;
  if (storageOf(type) === "int64") {
    push(fn, a.value);
    push(fn, b.value);
    fn.op(`i64.${op}`);
    sum = pop(fn, "int64", isNull);
  } else {
    sum = emitAddInt128(fn, op, widen(fn, a.value), widen(fn, b.value), isNull);
  }
  if (Math.max(a.type.precision, b.type.precision) >= type.precision) checkDigits(scope, op, sum, type);
  return sum;
};

const multiplication = (scope: ExpressionScope, a: Operand, b: Operand, type: DecimalType): Value => {
  const { fn, module } = scope;
  const isNull = anyNull(fn, [a.value, b.value]);
  const mayExceed = a.type.precision + b.type.precision > type.precision;
  if (storageOf(type) === "int64") {
    if (mayExceed) {
      const product = { ...emitCheckedProduct(scope, a.value, b.value, true), isNull };
      emitBeyondDigits(fn, product, type.precision);
      fn.op("i32.or");
      emitRaiseIf(scope, raiseCode.overflow, overflowOf("mul", typeName(type)), isNull);
      return product;
    }
    push(fn, a.value);
    push(fn, b.value);
    fn.op("i64.mul");
    return pop(fn, "int64", isNull);
  }
  const product = freshValue(fn, "int128", false);
  const [low, high] = product.locals as [Local, Local];
  const fromWords = (): void => {
    fn.get(a.value.locals[0]!);
    fn.get(b.value.locals[0]!);
    fn.call(multiplyWide(module));
    fn.set(high);
    fn.set(low);
  };
  const small = (): void => {
    fn.get(a.value.locals[0]!);
    fn.get(b.value.locals[0]!);
    fn.op("i64.mul");
    fn.tee(low);
    fn.i64(63);
    fn.op("i64.shr_s");
    fn.set(high);
  };
  const wide = [a.value, b.value].filter(({ storage }) => storage === "int128");
  if (wide.length === 0) {
    emitSmallFactors(fn, only(a.value), only(b.value));
    fn.if(small, fromWords);
  } else {
    wide.forEach((value, position) => {
      emitFitsInt64(fn, value);
      if (position > 0) fn.op("i32.and");
    });
    fn.if(fromWords, () => {
      const exact = emitInt128Kernel(
        fn,
        module,
        "decimalMultiply",
        [widen(fn, a.value), widen(fn, b.value)],
        undefined,
      );
      exact.locals.forEach((local, word) => {
        fn.get(local);
        fn.set(product.locals[word]!);
      });
    });
  }
  const result = { ...product, isNull };
  if (mayExceed) checkDigits(scope, "mul", result, type);
  return result;
};

/** NULL for a divisor of zero. */
const division = (scope: ExpressionScope, op: "intdiv" | "mod", a: Value, b: Value, type: DecimalType): Value => {
  const { fn, module } = scope;
  if (a.storage === "int64" && b.storage === "int64" && storageOf(type) === "int64") {
    const { divisor, isNull } = emitSafeDivisor(fn, a, b);
    fn.get(only(a));
    fn.get(divisor);
    fn.op(op === "intdiv" ? "i64.div_s" : "i64.rem_s");
    return pop(fn, "int64", isNull);
  }
  const divisor = widen(fn, b);
  const operands = anyNull(fn, [a, b]);
  const isNull = fn.local("i32");
  fn.get(divisor.locals[0]!);
  fn.get(divisor.locals[1]!);
  fn.op("i64.or");
  fn.op("i64.eqz");
  if (operands !== undefined) {
    fn.get(operands);
    fn.op("i32.or");
  }
  fn.set(isNull);
  const result = freshValue(fn, "int128", false);
  fn.get(isNull);
  fn.op("i32.eqz");
  fn.if(() => {
    const kernel = op === "intdiv" ? "decimalDivide" : "decimalRemainder";
    for (const arg of [widen(fn, a), divisor]) push(fn, arg);
    fn.call(module.kernel(kernel));
    fn.set(result.locals[0]!);
    fn.call(module.kernel("highWord"));
    fn.set(result.locals[1]!);
  });
  if (storageOf(type) === "int64") return { storage: "int64", locals: [result.locals[0]!], isNull };
  return { ...result, isNull };
};

/** -x; never an overflow, for the bounds of a decimal are symmetrical. */
export const negateDecimal = ({ fn }: ExpressionScope, value: Value): Value => {
  if (value.storage === "int64") {
    fn.i64(0);
    fn.get(only(value));
    fn.op("i64.sub");
    return pop(fn, "int64", value.isNull);
  }
  fn.i64(0);
  fn.i64(0);
  const zero = popInt128(fn);
  return emitAddInt128(fn, "sub", zero, value, value.isNull);
};
