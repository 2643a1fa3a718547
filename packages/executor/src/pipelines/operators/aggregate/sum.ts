import { type DataType, isNumeric, QueryError, typeName } from "@headcut/plan";
import { raiseCode } from "../../../expressions/raise-code.ts";
import { only, pop, popInt128, type Value } from "../../../expressions/value.ts";
import { storageOf } from "../../../layout/storage.ts";
import type { FunctionBuilder, Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { Accumulator, State } from "./accumulator.ts";

/** A sum, and how its value follows from the state. */
export interface SumAccumulator extends Accumulator {
  /** In int64, int128 or float64, in fresh locals or those of the state. */
  total(code: Code, state: State): Value;
}

/**
 * The sum of values of the type: of 32-bit integers in int64 (2^32 of them cannot overflow it), of wider ones and of decimals in
 * 128 bits, of floats in float64. Only sums of int128 can overflow, and raise.
 */
export const sumOf = (type: DataType): SumAccumulator => {
  if (!isNumeric(type)) throw new QueryError("unsupported", `sums of ${typeName(type)} are not supported`);
  switch (storageOf(type)) {
    case "int32":
      return sumInt32;
    case "int64":
      return type.kind === "uint64" ? sumUint64 : sumInt64;
    case "int128":
      return sumInt128;
    case "float32":
    case "float64":
      return sumFloat;
    default:
      throw new Error(`internal error: no sum of ${type.kind}`);
  }
};

const onlyField: SumAccumulator["total"] = (_code, state) => state.load(0);

const sumInt32: SumAccumulator = {
  total: onlyField,
  fields: [{ storage: "int64" }],
  update({ fn }, _operatorId, state, [value]) {
    fn.get(only(state.load(0)));
    fn.get(only(value!));
    fn.op("i64.extend_i32_s");
    fn.op("i64.add");
    state.store(0, pop(fn, "int64"));
  },
  combine({ fn }, _operatorId, into, from) {
    fn.get(only(into.load(0)));
    fn.get(only(from.load(0)));
    fn.op("i64.add");
    into.store(0, pop(fn, "int64"));
  },
};

/**
 * 128-bit sums are kept in two words, low + 2^64 · high with a SIGNED low word: adding what fits 64 bits then touches the low word
 * alone unless that overflows.
 */
const wideFields: Accumulator["fields"] = [{ storage: "int64" }, { storage: "int64" }];

const totalOfWide: SumAccumulator["total"] = ({ fn }, state) => {
  const low = only(state.load(0));
  const high = only(state.load(1));
  fn.get(low);
  fn.get(high);
  pushSign(fn, low);
  fn.op("i64.add");
  return popInt128(fn);
};

const storeWide = ({ fn }: Code, state: State, { locals: [low, high] }: Value): void => {
  fn.get(high!);
  pushSign(fn, low!);
  fn.op("i64.sub");
  state.store(1, pop(fn, "int64"));
  state.store(0, { storage: "int64", locals: [low!], isNull: undefined });
};

/** Leaves -1 for a negative word and 0 for others. */
const pushSign = (fn: FunctionBuilder, word: Local): void => {
  fn.get(word);
  fn.i64(63);
  fn.op("i64.shr_s");
};

/**
 * Adds the value, whose low word is `low`, to the state: to its low word, or by `add` to all of it if that overflows or `pushWide` leaves
 * a word that is negative.
 */
const addToWide = (
  code: Code,
  state: State,
  low: Local,
  pushWide: (() => void) | undefined,
  add: (sum: Value) => Value,
): void => {
  const { fn } = code;
  const before = only(state.load(0));
  const sum = fn.local("i64");
  fn.get(before);
  fn.get(low);
  fn.op("i64.add");
  fn.set(sum);
  // Overflow: the sum's sign differs from that of both operands.
  fn.get(before);
  fn.get(sum);
  fn.op("i64.xor");
  fn.get(low);
  fn.get(sum);
  fn.op("i64.xor");
  fn.op("i64.and");
  if (pushWide !== undefined) {
    pushWide();
    fn.op("i64.or");
  }
  fn.i64(0);
  fn.op("i64.lt_s");
  fn.if(
    () => storeWide(code, state, add(totalOfWide(code, state))),
    () => state.store(0, { storage: "int64", locals: [sum], isNull: undefined }),
  );
};

/** The 128-bit sum in fresh locals; `high` pushes the high word of the addend. */
const add128 = (fn: FunctionBuilder, [aLow, aHigh]: readonly Local[], low: Local, high: () => void): Value => {
  const sum = fn.local("i64");
  fn.get(aLow!);
  fn.get(low);
  fn.op("i64.add");
  fn.tee(sum);
  fn.get(aHigh!);
  high();
  fn.op("i64.add");
  fn.get(sum);
  fn.get(low);
  fn.op("i64.lt_u");
  fn.op("i64.extend_i32_u");
  fn.op("i64.add");
  return popInt128(fn);
};

const combineWide: Accumulator["combine"] = (code, _operatorId, into, from) => {
  const [low, high] = totalOfWide(code, from).locals as [Local, Local];
  storeWide(
    code,
    into,
    add128(code.fn, totalOfWide(code, into).locals, low, () => code.fn.get(high)),
  );
};

const sumInt64: SumAccumulator = {
  fields: wideFields,
  update(code, _operatorId, state, [value]) {
    const { fn } = code;
    const low = only(value!);
    addToWide(code, state, low, undefined, (sum) => add128(fn, sum.locals, low, () => pushSign(fn, low)));
  },
  combine: combineWide,
  total: totalOfWide,
};

const sumUint64: SumAccumulator = {
  fields: wideFields,
  update(code, _operatorId, state, [value]) {
    const { fn } = code;
    const low = only(value!);
    addToWide(
      code,
      state,
      low,
      () => fn.get(low),
      (sum) => add128(fn, sum.locals, low, () => fn.i64(0)),
    );
  },
  combine: combineWide,
  total: totalOfWide,
};

/** High words of sums stay this far within their range, so that adding to the low word alone cannot leave it. */
const MARGIN = 2n;
const LEAST_HIGH = -(1n << 63n) + MARGIN;
const GREATEST_HIGH = (1n << 63n) - 1n - MARGIN;

/** The sum of two int128, in fresh locals; raises overflow. */
const checkedAdd = (code: Code, a: Value, b: Value): Value => {
  const { fn } = code;
  const [low, high] = b.locals as [Local, Local];
  const sum = add128(fn, a.locals, low, () => fn.get(high));
  for (const operand of [a, b]) {
    fn.get(operand.locals[1]!);
    fn.get(sum.locals[1]!);
    fn.op("i64.xor");
  }
  fn.op("i64.and");
  fn.i64(0);
  fn.op("i64.lt_s");
  fn.get(sum.locals[1]!);
  fn.i64(LEAST_HIGH);
  fn.op("i64.sub");
  fn.i64(BigInt.asIntN(64, GREATEST_HIGH - LEAST_HIGH));
  fn.op("i64.gt_u");
  fn.op("i32.or");
  fn.if(() => raiseSumOverflow(code));
  return sum;
};

export const raiseSumOverflow = (code: Code): void =>
  code.raise(raiseCode.overflow, code.module.message("a sum is beyond 38 digits"));

const sumInt128: SumAccumulator = {
  fields: wideFields,
  update(code, _operatorId, state, [value]) {
    const { fn } = code;
    const [low, high] = value!.locals as [Local, Local];
    // Negative unless the value fits 64 bits: zero there, which its own negative is too, and alone.
    const pushWide = (): void => {
      const excess = fn.local("i64");
      fn.get(high);
      pushSign(fn, low);
      fn.op("i64.xor");
      fn.set(excess);
      fn.get(excess);
      fn.i64(0);
      fn.get(excess);
      fn.op("i64.sub");
      fn.op("i64.or");
    };
    addToWide(code, state, low, pushWide, (sum) => checkedAdd(code, sum, value!));
  },
  combine(code, _operatorId, into, from) {
    storeWide(code, into, checkedAdd(code, totalOfWide(code, into), totalOfWide(code, from)));
  },
  total: totalOfWide,
};

const sumFloat: SumAccumulator = {
  total: onlyField,
  fields: [{ storage: "float64" }],
  update({ fn }, _operatorId, state, [value]) {
    fn.get(only(state.load(0)));
    fn.get(only(value!));
    if (value!.storage === "float32") fn.op("f64.promote_f32");
    fn.op("f64.add");
    state.store(0, pop(fn, "float64"));
  },
  combine({ fn }, _operatorId, into, from) {
    fn.get(only(into.load(0)));
    fn.get(only(from.load(0)));
    fn.op("f64.add");
    into.store(0, pop(fn, "float64"));
  },
};
