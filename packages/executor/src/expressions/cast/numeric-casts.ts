import {
  assert,
  type DataType,
  type DecimalType,
  decimal,
  type IntegerType,
  integerDigits,
  integerLayout,
  isDecimal,
  isInteger,
  MAX_DECIMAL_PRECISION,
} from "@headcut/plan";
import { storageOf } from "../../layout/storage.ts";
import { emitInt128Kernel, widen } from "../int128.ts";
import type { ExpressionScope } from "../scope.ts";
import { only, pop, popInt128, push, type Value } from "../value.ts";
import { type Conversion, emitUnconvertible } from "./conversion.ts";
import { rescale } from "./rescale.ts";

/** Between integers, decimals and floating-point numbers; a value that the type cannot hold does not convert. */
export const castNumber = (conversion: Conversion, value: Value): Value => {
  const { from, to, scope } = conversion;
  if (isInteger(from)) {
    if (isInteger(to)) return integerToInteger(conversion, from, to, value);
    if (isDecimal(to)) return rescale(conversion, asDecimal(scope, from, value), to);
    return integerToFloat(scope, from, to, value);
  }
  if (isDecimal(from)) {
    if (isDecimal(to)) return rescale(conversion, { value, type: from }, to);
    if (isInteger(to)) return decimalToInteger(conversion, from, to, value);
    return decimalToFloat(scope, from, to, value);
  }
  if (isInteger(to)) return floatToInteger(conversion, to, value);
  if (isDecimal(to)) return floatToDecimal(conversion, to, value);
  return floatToFloat(conversion, value);
};

/** The integer as an i64 on the stack: uint64 as its bit pattern. */
const pushInt64 = ({ fn }: ExpressionScope, value: Value): void => {
  push(fn, value);
  if (value.storage === "int32") fn.op("i64.extend_i32_s");
};

const bounds = (type: IntegerType): { readonly least: bigint; readonly greatest: bigint } => {
  const { bits, signed } = integerLayout(type.kind);
  return {
    least: signed ? -(2n ** BigInt(bits - 1)) : 0n,
    greatest: 2n ** BigInt(signed ? bits - 1 : bits) - 1n,
  };
};

const integerToInteger = (conversion: Conversion, from: IntegerType, to: IntegerType, value: Value): Value => {
  const { scope } = conversion;
  const { fn } = scope;
  const source = bounds(from);
  const target = bounds(to);
  let isNull = value.isNull;
  const tooSmall = source.least < target.least;
  const tooLarge = source.greatest > target.greatest;
  if (tooSmall) {
    pushInt64(scope, value);
    fn.i64(target.least);
    fn.op("i64.lt_s");
  }
  if (tooLarge) {
    pushInt64(scope, value);
    fn.i64(target.greatest);
    fn.op(from.kind === "uint64" ? "i64.gt_u" : "i64.gt_s");
    if (tooSmall) fn.op("i32.or");
  }
  if (tooSmall || tooLarge) isNull = emitUnconvertible(conversion, isNull);
  return { ...fromInt64(scope, to, value), isNull };
};

/** The number, known to fit, in the type's storage. */
const fromInt64 = (scope: ExpressionScope, to: DataType, value: Value): Value => {
  const { fn } = scope;
  const storage = storageOf(to);
  assert(storage === "int32" || storage === "int64", "an integer has 32 or 64 bits");
  if (storage === value.storage) return value;
  pushInt64(scope, value);
  if (storage === "int32") fn.op("i32.wrap_i64");
  return pop(fn, storage, value.isNull);
};

/** An integer as a decimal without fraction. */
const asDecimal = (
  scope: ExpressionScope,
  from: IntegerType,
  value: Value,
): { readonly value: Value; readonly type: DecimalType } => {
  const { fn } = scope;
  const type = decimal(integerDigits(from.kind), 0) as DecimalType;
  if (from.kind !== "uint64") {
    pushInt64(scope, value);
    return { value: pop(fn, "int64", value.isNull), type };
  }
  fn.get(only(value));
  fn.i64(0);
  return { value: popInt128(fn, value.isNull), type };
};

const integerToFloat = ({ fn }: ExpressionScope, from: IntegerType, to: DataType, value: Value): Value => {
  push(fn, value);
  const word = to.kind === "float" ? "f32" : "f64";
  const source = value.storage === "int32" ? "i32" : "i64";
  fn.op(`${word}.convert_${source}_${from.kind === "uint64" ? "u" : "s"}`);
  return pop(fn, to.kind === "float" ? "float32" : "float64", value.isNull);
};

/** Half away from zero. */
const decimalToInteger = (conversion: Conversion, from: DecimalType, to: IntegerType, value: Value): Value => {
  const { scope } = conversion;
  const { fn } = scope;
  const wholeType = decimal(Math.min(MAX_DECIMAL_PRECISION, from.precision - from.scale + 1), 0) as DecimalType;
  const whole = widen(fn, rescale(conversion, { value, type: from }, wholeType));
  const { least, greatest } = bounds(to);
  // In range when the high word extends the low one's sign, or for uint64 is zero, and the low word is within bounds.
  fn.get(whole.locals[1]!);
  if (to.kind === "uint64") {
    fn.i64(0);
  } else {
    fn.get(whole.locals[0]!);
    fn.i64(63);
    fn.op("i64.shr_s");
  }
  fn.op("i64.ne");
  if (integerLayout(to.kind).bits < 64) {
    fn.get(whole.locals[0]!);
    fn.i64(least);
    fn.op("i64.lt_s");
    fn.op("i32.or");
    fn.get(whole.locals[0]!);
    fn.i64(greatest);
    fn.op("i64.gt_s");
    fn.op("i32.or");
  }
  const isNull = emitUnconvertible(conversion, whole.isNull);
  return fromInt64(scope, to, { storage: "int64", locals: [whole.locals[0]!], isNull });
};

const decimalToFloat = (scope: ExpressionScope, from: DecimalType, to: DataType, value: Value): Value => {
  const { fn, module } = scope;
  push(fn, widen(fn, value));
  fn.i32(from.scale);
  fn.call(module.kernel(to.kind === "float" ? "decimalToFloat" : "decimalToDouble"));
  return pop(fn, to.kind === "float" ? "float32" : "float64", value.isNull);
};

const pushDouble = ({ fn }: ExpressionScope, value: Value): void => {
  push(fn, value);
  if (value.storage === "float32") fn.op("f64.promote_f32");
};

/** To the nearest integer, a half to the even one; below the least integer nothing converts, though it may round to it. */
const floatToInteger = (conversion: Conversion, to: IntegerType, value: Value): Value => {
  const { scope } = conversion;
  const { fn } = scope;
  const { least, greatest } = bounds(to);
  const nearest = fn.local("f64");
  pushDouble(scope, value);
  fn.op("f64.nearest");
  fn.set(nearest);
  // Bounds that are exact as doubles; NaN is within none.
  pushDouble(scope, value);
  fn.f64(Number(least));
  fn.op("f64.ge");
  fn.get(nearest);
  fn.f64(Number(greatest + 1n));
  fn.op("f64.lt");
  fn.op("i32.and");
  fn.op("i32.eqz");
  const isNull = emitUnconvertible(conversion, value.isNull);
  fn.get(nearest);
  fn.op(to.kind === "uint64" ? "i64.trunc_sat_f64_u" : "i64.trunc_sat_f64_s");
  return fromInt64(scope, to, pop(fn, "int64", isNull));
};

/** value * 10^scale to the nearest integer, a half away from zero; of a FLOAT, the nearest that is a FLOAT. */
const floatToDecimal = (conversion: Conversion, to: DecimalType, value: Value): Value => {
  const { scope } = conversion;
  const { fn, module } = scope;
  pushDouble(scope, value);
  fn.f64(10 ** to.scale);
  fn.op("f64.mul");
  fn.i32(to.precision);
  fn.i32(value.storage === "float32" ? 1 : 0);
  const wide = emitInt128Kernel(fn, module, "doubleToDecimal", [], undefined);
  fn.call(module.kernel("kernelFailure"));
  const isNull = emitUnconvertible(conversion, value.isNull);
  if (storageOf(to) === "int128") return { ...wide, isNull };
  return { storage: "int64", locals: [wide.locals[0]!], isNull };
};

/** A double beyond FLOAT does not convert; infinities and NaN do. */
const floatToFloat = (conversion: Conversion, value: Value): Value => {
  const { fn } = conversion.scope;
  if (conversion.from.kind === conversion.to.kind) return value;
  push(fn, value);
  if (conversion.from.kind === "float") {
    fn.op("f64.promote_f32");
    return pop(fn, "float64", value.isNull);
  }
  fn.op("f32.demote_f64");
  const single = pop(fn, "float32", value.isNull);
  fn.get(only(single));
  fn.op("f32.abs");
  fn.f32(Number.POSITIVE_INFINITY);
  fn.op("f32.eq");
  push(fn, value);
  fn.op("f64.abs");
  fn.f64(Number.POSITIVE_INFINITY);
  fn.op("f64.ne");
  fn.op("i32.and");
  return { ...single, isNull: emitUnconvertible(conversion, value.isNull) };
};
