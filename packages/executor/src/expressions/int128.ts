import type { FunctionBuilder, FunctionRef, Local } from "../wasm/function-builder.ts";
import type { CodeModule } from "./code-module.ts";
import { only, popInt128, push, type Value } from "./value.ts";

/** An int64 as the int128 of the same value; an int128 as it is. */
export const widen = (fn: FunctionBuilder, value: Value): Value => {
  if (value.storage === "int128") return value;
  const low = value.storage === "int64" ? only(value) : fn.local("i64");
  if (value.storage !== "int64") {
    fn.get(only(value));
    fn.op("i64.extend_i32_s");
    fn.set(low);
  }
  const high = fn.local("i64");
  fn.get(low);
  fn.i64(63);
  fn.op("i64.shr_s");
  fn.set(high);
  return { storage: "int128", locals: [low, high], isNull: value.isNull };
};

/** a + b or a - b modulo 2^128, of int128 values. */
export const emitAddInt128 = (
  fn: FunctionBuilder,
  op: "add" | "sub",
  a: Value,
  b: Value,
  isNull: Local | undefined = undefined,
): Value => {
  const [aLow, aHigh] = a.locals as [Local, Local];
  const [bLow, bHigh] = b.locals as [Local, Local];
  const low = fn.local("i64");
  fn.get(aLow);
  fn.get(bLow);
  fn.op(`i64.${op}`);
  fn.tee(low);
  fn.get(aHigh);
  fn.get(bHigh);
  fn.op(`i64.${op}`);
  // The carry: a sum below an addend, a minuend below the subtrahend.
  fn.get(op === "add" ? low : aLow);
  fn.get(bLow);
  fn.op("i64.lt_u");
  fn.op("i64.extend_i32_u");
  fn.op(`i64.${op}`);
  return popInt128(fn, isNull);
};

/** Leaves an i32: whether the int64 or int128 is outside ±(10^digits - 1). */
export const emitBeyondDigits = (fn: FunctionBuilder, value: Value, digits: number): void => {
  const bound = 10n ** BigInt(digits) - 1n;
  // value + bound, unsigned, is at most twice the bound exactly for values within it; sums of two such cannot alias.
  if (value.storage === "int64") {
    fn.get(only(value));
    fn.i64(bound);
    fn.op("i64.add");
    fn.i64(2n * bound);
    fn.op("i64.gt_u");
    return;
  }
  const [low, high] = value.locals as [Local, Local];
  const shiftedLow = fn.local("i64");
  const shiftedHigh = fn.local("i64");
  const limit = 2n * bound;
  fn.get(low);
  fn.i64(BigInt.asIntN(64, bound));
  fn.op("i64.add");
  fn.tee(shiftedLow);
  fn.get(low);
  fn.op("i64.lt_u");
  fn.op("i64.extend_i32_u");
  fn.get(high);
  fn.op("i64.add");
  fn.i64(BigInt.asIntN(64, bound >> 64n));
  fn.op("i64.add");
  fn.set(shiftedHigh);
  fn.get(shiftedLow);
  fn.i64(BigInt.asIntN(64, limit));
  fn.op("i64.gt_u");
  fn.get(shiftedHigh);
  fn.i64(BigInt.asIntN(64, limit >> 64n));
  fn.op("i64.gt_u");
  fn.get(shiftedHigh);
  fn.i64(BigInt.asIntN(64, limit >> 64n));
  fn.op("i64.eq");
  fn.op("select");
};

/** (a: i64, b: i64) → (low, high): the exact product. */
export const multiplyWide = (module: CodeModule): FunctionRef =>
  module.helper("multiplyWide", ["i64", "i64"], ["i64", "i64"], (fn) => {
    const [a, b] = fn.params as [Local, Local];
    const [aLow, bLow, cross, product, middle] = Array.from({ length: 5 }, () => fn.local("i64")) as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const lowHalf = (of: Local): void => {
      fn.get(of);
      fn.i64(0xffffffffn);
      fn.op("i64.and");
    };
    const highHalf = (of: Local): void => {
      fn.get(of);
      fn.i64(32);
      fn.op("i64.shr_s");
    };
    // Halves: the low ones unsigned, the high ones signed (Hacker's Delight, §8-2).
    lowHalf(a);
    fn.set(aLow);
    lowHalf(b);
    fn.set(bLow);
    fn.get(aLow);
    fn.get(bLow);
    fn.op("i64.mul");
    fn.set(product);
    highHalf(a);
    fn.get(bLow);
    fn.op("i64.mul");
    fn.get(product);
    fn.i64(32);
    fn.op("i64.shr_u");
    fn.op("i64.add");
    fn.set(cross);
    fn.get(aLow);
    highHalf(b);
    fn.op("i64.mul");
    lowHalf(cross);
    fn.op("i64.add");
    fn.set(middle);
    fn.get(a);
    fn.get(b);
    fn.op("i64.mul");
    highHalf(a);
    highHalf(b);
    fn.op("i64.mul");
    highHalf(cross);
    fn.op("i64.add");
    highHalf(middle);
    fn.op("i64.add");
  });

/** Leaves an i32: whether the int128 is the same number as its low word. */
export const emitFitsInt64 = (fn: FunctionBuilder, value: Value): void => {
  const [low, high] = value.locals as [Local, Local];
  fn.get(low);
  fn.i64(63);
  fn.op("i64.shr_s");
  fn.get(high);
  fn.op("i64.eq");
};

/** Calls a kernel that returns the low word of an int128 and keeps the high word for `highWord`. */
export const emitInt128Kernel = (
  fn: FunctionBuilder,
  module: CodeModule,
  kernel: Parameters<CodeModule["kernel"]>[0],
  args: readonly Value[],
  isNull: Local | undefined,
): Value => {
  for (const arg of args) push(fn, arg);
  fn.call(module.kernel(kernel));
  fn.call(module.kernel("highWord"));
  return popInt128(fn, isNull);
};
