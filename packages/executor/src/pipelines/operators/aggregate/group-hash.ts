import { emitHash } from "../../../expressions/hash.ts";
import { only, type Value } from "../../../expressions/value.ts";
import type { Code } from "../../code.ts";
import type { DenseKey } from "./dense-keys.ts";
import type { AggregatePlan } from "./plan-aggregate.ts";

/** Leaves what a group's row begins with, an i32: the keys' hash, or their place where each combination has its own. */
export const pushGroupHash = (code: Code, plan: AggregatePlan, keys: readonly Value[]): void => {
  const { fn } = code;
  if (plan.dense === undefined) {
    emitHash(
      code.scope(plan.operatorId),
      keys,
      plan.keys.map(({ type }) => type),
    );
    fn.op("i32.wrap_i64");
    return;
  }
  plan.dense.keys.forEach((dense, i) => {
    pushPlace(code, dense, keys[i]!);
    if (i > 0) fn.op("i32.add");
  });
};

/** What the key adds to the place: (value - least) · step; anything for values out of bounds. */
const pushPlace = ({ fn }: Code, { least, values, step }: DenseKey, key: Value): void => {
  fn.get(only(key));
  if (key.storage === "int64") fn.op("i32.wrap_i64");
  fn.i32(Number(BigInt.asIntN(32, least)));
  fn.op("i32.sub");
  if (key.isNull !== undefined) {
    const place = fn.local("i32");
    fn.set(place);
    fn.i32(values);
    fn.get(place);
    fn.get(key.isNull);
    fn.op("select");
  }
  if (step !== 1) {
    fn.i32(step);
    fn.op("i32.mul");
  }
};

/** Leaves an i32: whether a key is out of the bounds that the statistics promise. */
export const pushOutOfBounds = ({ fn }: Code, dense: readonly DenseKey[], keys: readonly Value[]): void => {
  dense.forEach(({ least, values }, i) => {
    const key = keys[i]!;
    pushWide(fn, key);
    fn.i64(least);
    fn.op("i64.sub");
    fn.i64(values);
    fn.op("i64.ge_u");
    if (key.isNull !== undefined) {
      fn.get(key.isNull);
      fn.op("i32.eqz");
      fn.op("i32.and");
    }
    if (i > 0) fn.op("i32.or");
  });
};

const pushWide = (fn: Code["fn"], key: Value): void => {
  fn.get(only(key));
  if (key.storage !== "int64") fn.op("i64.extend_i32_s");
};

/** Whether it pays to compare hashes before keys. */
export const hashSavesComparing = (plan: AggregatePlan): boolean =>
  plan.keyFields.length > 2 || plan.keyFields.some(({ storage }) => storage === "string" || storage === "int128");
