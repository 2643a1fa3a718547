import type { DataType } from "@headcut/plan";
import type { SortOrder } from "../../expressions/comparison.ts";
import { only, type Value } from "../../expressions/value.ts";
import { storageOf } from "../../layout/storage.ts";
import type { Local } from "../../wasm/function-builder.ts";
import type { Code } from "../code.ts";

const SIGN = -(1n << 63n);

/**
 * Leaves on the stack 64 bits (i64) whose unsigned order never contradicts the sort order of the values: if a comes before b, then
 * prefix(a) ≤ prefix(b). Most comparisons end at the prefix, without following a row's address.
 */
export const emitSortPrefix = (code: Code, value: Value, type: DataType, order: SortOrder): void => {
  const { fn } = code;
  const emit = (): void => pushDirected(code, order, () => emitValuePrefix(code, value, type));
  if (value.isNull === undefined) {
    emit();
    return;
  }
  fn.get(value.isNull);
  fn.if(() => fn.i64(nullPrefix(order)), emit, "i64");
};

/** The prefix of NULL; the first or last values may have it too. */
export const nullPrefix = ({ nullsFirst }: SortOrder): bigint => (nullsFirst ? 0n : -1n);

/** Leaves the ascending prefix that `push` leaves, or what is in its place in descending order. */
export const pushDirected = ({ fn }: Code, { descending }: SortOrder, push: () => void): void => {
  push();
  if (!descending) return;
  fn.i64(-1n);
  fn.op("i64.xor");
};

/** Whether equal prefixes mean equal keys, for keys that are never NULL. */
export const isPrefixExact = (type: DataType, nullable: boolean): boolean => {
  const storage = storageOf(type);
  return !nullable && storage !== "int128" && storage !== "string";
};

const emitValuePrefix = (code: Code, value: Value, type: DataType): void => {
  const { fn } = code;
  switch (value.storage) {
    case "bool":
    case "int32":
      fn.get(only(value));
      fn.op("i64.extend_i32_s");
      fn.i64(SIGN);
      fn.op("i64.xor");
      return;
    case "int64":
      fn.get(only(value));
      if (type.kind === "uint64") return;
      fn.i64(SIGN);
      fn.op("i64.xor");
      return;
    case "int128":
      // Intervals are ordered by their length, which their words do not tell.
      if (type.kind === "interval") {
        fn.i64(0n);
        return;
      }
      emitClamped(code, value.locals[0]!, value.locals[1]!);
      fn.i64(SIGN);
      fn.op("i64.xor");
      return;
    case "float32":
    case "float64": {
      const number = fn.local("f64");
      const bits = fn.local("i64");
      fn.get(only(value));
      if (value.storage === "float32") fn.op("f64.promote_f32");
      // Adding zero makes -0.0 0.0; every NaN becomes the one above infinity.
      fn.f64(0);
      fn.op("f64.add");
      fn.tee(number);
      fn.f64(Number.NaN);
      fn.get(number);
      fn.get(number);
      fn.op("f64.eq");
      fn.op("select");
      fn.op("i64.reinterpret_f64");
      fn.tee(bits);
      // Negative numbers: all bits flipped; others: the sign alone.
      fn.get(bits);
      fn.i64(63);
      fn.op("i64.shr_s");
      fn.i64(SIGN);
      fn.op("i64.or");
      fn.op("i64.xor");
      return;
    }
    case "string":
      fn.get(only(value));
      code.kernel("stringPrefix");
  }
};

/** Leaves the 128-bit integer as a signed 64-bit one, or the nearest there is: most sums fit, where the high word alone tells little. */
const emitClamped = ({ fn }: Code, low: Local, high: Local): void => {
  fn.get(low);
  fn.get(high);
  fn.i64(63);
  fn.op("i64.shr_s");
  fn.i64(~SIGN);
  fn.op("i64.xor");
  fn.get(low);
  fn.i64(63);
  fn.op("i64.shr_s");
  fn.get(high);
  fn.op("i64.eq");
  fn.op("select");
};
