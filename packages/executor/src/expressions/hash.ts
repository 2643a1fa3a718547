import type { DataType } from "@headcut/plan";
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import type { ExpressionScope } from "./scope.ts";
import { only, push, type Value } from "./value.ts";

/** Odd constants with well mixed bits: 2^64 divided by the golden ratio, and one of MurmurHash3's finalizer. */
const STEP = 0x9e3779b97f4a7c15n;
const FINISH = 0xff51afd7ed558ccdn;
/** What a NULL adds instead of its value. */
const NULL_WORD = 0x2545f4914f6cdd1dn;

/**
 * Leaves the 64-bit hash of the values on the stack (i64); high and low bits are equally good. Values that are equal
 * (null-safely: -0.0 = 0.0, NaN = NaN, 30 days = 1 month) of the same types hash equal, on every thread.
 */
export const emitHash = (scope: ExpressionScope, values: readonly Value[], types: readonly DataType[]): void => {
  const { fn } = scope;
  const hash = fn.local("i64");
  fn.i64(0);
  values.forEach((value, i) => {
    const words = value.storage === "int128" && types[i]!.kind !== "interval" ? 2 : 1;
    for (let word = 0; word < words; word++) {
      if (value.isNull === undefined) {
        emitWord(scope, value, types[i]!, word);
      } else {
        fn.get(value.isNull);
        fn.if(
          () => fn.i64(NULL_WORD),
          () => emitWord(scope, value, types[i]!, word),
          "i64",
        );
      }
      mixIn(fn);
    }
  });
  fn.i64(FINISH);
  fn.op("i64.mul");
  fn.set(hash);
  fn.get(hash);
  fn.get(hash);
  fn.i64(32);
  fn.op("i64.shr_u");
  fn.op("i64.xor");
};

/** hash, word → hash: xor, multiply, and bring the good high bits down. */
const mixIn = (fn: FunctionBuilder): void => {
  const mixed = fn.local("i64");
  fn.op("i64.xor");
  fn.i64(STEP);
  fn.op("i64.mul");
  fn.set(mixed);
  fn.get(mixed);
  fn.get(mixed);
  fn.i64(29);
  fn.op("i64.shr_u");
  fn.op("i64.xor");
};

/** Leaves one 64-bit word of the value: equal values give equal words. */
const emitWord = ({ fn, module }: ExpressionScope, value: Value, type: DataType, word: number): void => {
  switch (value.storage) {
    case "bool":
    case "int32":
      fn.get(only(value));
      fn.op("i64.extend_i32_u");
      return;
    case "int64":
      fn.get(only(value));
      return;
    case "int128":
      if (type.kind === "interval") {
        push(fn, value);
        fn.call(module.kernel("intervalHash"));
      } else {
        fn.get(value.locals[word]!);
      }
      return;
    case "float32":
      canonical(fn, value, "f32");
      fn.op("i32.reinterpret_f32");
      fn.op("i64.extend_i32_u");
      return;
    case "float64":
      canonical(fn, value, "f64");
      fn.op("i64.reinterpret_f64");
      return;
    case "string":
      fn.get(only(value));
      fn.call(module.kernel("stringHash"));
  }
};

/** -0.0 as 0.0 (which adding zero does) and every NaN as one. */
const canonical = (fn: FunctionBuilder, value: Value, type: "f32" | "f64"): void => {
  fn.get(only(value));
  fn[type](0);
  fn.op(`${type}.add`);
  fn[type](Number.NaN);
  fn.get(only(value));
  fn.get(only(value));
  fn.op(`${type}.eq`);
  fn.op("select");
};
