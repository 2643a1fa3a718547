import type { DecimalType } from "@headcut/plan";
import { storageOf } from "../../layout/storage.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import type { CodeModule } from "../code-module.ts";
import { emitBeyondDigits, emitInt128Kernel, multiplyWide, widen } from "../int128.ts";
import { only, pop, popInt128, push, type Value } from "../value.ts";
import { type Conversion, emitUnconvertible } from "./conversion.ts";

/** The decimal in another precision and scale; dropped digits round half away from zero. */
export const rescale = (
  conversion: Conversion,
  { value, type }: { readonly value: Value; readonly type: DecimalType },
  to: DecimalType,
): Value => {
  const { fn, module } = conversion.scope;
  const shift = to.scale - type.scale;
  let isNull = value.isNull;
  let scaled = value;
  if (shift >= 0) {
    // Checked before the product, which then cannot overflow.
    if (type.precision + shift > to.precision) {
      emitBeyondDigits(fn, value, to.precision - shift);
      isNull = emitUnconvertible(conversion, isNull);
    }
    scaled = multiplied(fn, module, value, shift, storageOf(to) === "int128");
  } else {
    scaled = divided(fn, module, value, -shift);
    // Rounding up can bring one digit more: 9.5 has two digits, and so does 10.
    if (type.precision + shift >= to.precision) {
      emitBeyondDigits(fn, scaled, to.precision);
      isNull = emitUnconvertible(conversion, isNull);
    }
  }
  if (storageOf(to) === "int128") return { ...widen(fn, scaled), isNull };
  return { storage: "int64", locals: [scaled.locals[0]!], isNull };
};

export const pushPower = (fn: FunctionBuilder, exponent: number): void => {
  const power = 10n ** BigInt(exponent);
  fn.i64(BigInt.asIntN(64, power));
  fn.i64(BigInt.asIntN(64, power >> 64n));
};

/** value * 10^shift, modulo the word where the result's has 64 bits. */
export const multiplied = (
  fn: FunctionBuilder,
  module: CodeModule,
  value: Value,
  shift: number,
  wide: boolean,
): Value => {
  if (shift === 0) return value;
  if (!wide) {
    fn.get(value.locals[0]!);
    fn.i64(10n ** BigInt(shift));
    fn.op("i64.mul");
    return pop(fn, "int64");
  }
  if (value.storage === "int64" && shift <= 18) {
    fn.get(only(value));
    fn.i64(10n ** BigInt(shift));
    fn.call(multiplyWide(module));
    return popInt128(fn);
  }
  push(fn, widen(fn, value));
  pushPower(fn, shift);
  return emitInt128Kernel(fn, module, "decimalMultiply", [], undefined);
};

/** value / 10^shift, a half away from zero. */
export const divided = (fn: FunctionBuilder, module: CodeModule, value: Value, shift: number): Value => {
  if (value.storage === "int128") {
    push(fn, value);
    pushPower(fn, shift);
    return emitInt128Kernel(fn, module, "decimalDivideRounded", [], undefined);
  }
  const half = 5n * 10n ** BigInt(shift - 1);
  fn.get(only(value));
  fn.i64(half);
  fn.i64(-half);
  fn.get(only(value));
  fn.i64(0);
  fn.op("i64.ge_s");
  fn.op("select");
  fn.op("i64.add");
  fn.i64(10n ** BigInt(shift));
  fn.op("i64.div_s");
  return pop(fn, "int64");
};
