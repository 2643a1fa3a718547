import { only, pop, type Value } from "../../../expressions/value.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { State } from "./accumulator.ts";

const TWO_64 = 2 ** 64;

/** sum / (count · 10^scale) as a double; NULL for no rows. */
export const average = (code: Code, sum: Value, count: Value, scale: number, nullable: boolean): Value => {
  const { fn } = code;
  pushDouble(code, sum);
  fn.get(only(count));
  fn.op("f64.convert_i64_s");
  if (scale > 0) {
    fn.f64(10 ** scale);
    fn.op("f64.mul");
  }
  fn.op("f64.div");
  const value = pop(fn, "float64");
  if (!nullable) return value;
  const isNull = fn.local("i32");
  fn.get(only(count));
  fn.op("i64.eqz");
  fn.set(isNull);
  return { ...value, isNull };
};

/** Leaves the sum as a double, rounded once where it fits 64 bits. */
const pushDouble = ({ fn }: Code, sum: Value): void => {
  if (sum.storage === "float64") {
    fn.get(only(sum));
    return;
  }
  if (sum.storage === "int64") {
    fn.get(only(sum));
    fn.op("f64.convert_i64_s");
    return;
  }
  const [low, high] = sum.locals as [Local, Local];
  fn.get(low);
  fn.i64(63);
  fn.op("i64.shr_s");
  fn.get(high);
  fn.op("i64.eq");
  fn.if(
    () => {
      fn.get(low);
      fn.op("f64.convert_i64_s");
    },
    () => {
      fn.get(high);
      fn.op("f64.convert_i64_s");
      fn.f64(TWO_64);
      fn.op("f64.mul");
      fn.get(low);
      fn.op("f64.convert_i64_u");
      fn.op("f64.add");
    },
    "f64",
  );
};

/** Variance or standard deviation from the fields of `variance`; of a sample, NULL for fewer than two rows. */
export const spread = (
  { fn }: Code,
  name: "stddevSamp" | "stddevPop" | "varSamp" | "varPop",
  state: State,
  nullable: boolean,
): Value => {
  const rows = only(state.load(0));
  const isSample = name === "stddevSamp" || name === "varSamp";
  fn.get(only(state.load(2)));
  fn.get(rows);
  if (isSample) {
    fn.i64(1);
    fn.op("i64.sub");
  }
  fn.op("f64.convert_i64_s");
  fn.op("f64.div");
  if (name === "stddevSamp" || name === "stddevPop") fn.op("f64.sqrt");
  const value = pop(fn, "float64");
  if (!nullable) return value;
  const isNull = fn.local("i32");
  fn.get(rows);
  fn.i64(isSample ? 2 : 1);
  fn.op("i64.lt_s");
  fn.set(isNull);
  return { ...value, isNull };
};
