import { type DataType, isNumeric, QueryError, typeName } from "@headcut/plan";
import { raiseCode } from "../../../expressions/raise-code.ts";
import { only, pop, popInt128, type Value } from "../../../expressions/value.ts";
import { storageOf } from "../../../layout/storage.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { Accumulator } from "./accumulator.ts";

/**
 * The sum of values of the type: of 32-bit integers in int64 (2^32 of them cannot overflow it), of wider ones and of decimals in
 * int128, of floats in float64. Only sums of int128 can overflow, and raise.
 */
export const sumOf = (type: DataType): Accumulator => {
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

const sumInt32: Accumulator = {
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

/** Leaves the 128-bit sum on the stack; `high` pushes the high word of the addend. */
const add128 = ({ fn }: Code, [aLow, aHigh]: readonly Local[], low: Local, high: () => void): void => {
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
};

const combine128: Accumulator["combine"] = (code, _operatorId, into, from) => {
  const [low, high] = from.load(0).locals as [Local, Local];
  add128(code, into.load(0).locals, low, () => code.fn.get(high));
  into.store(0, popInt128(code.fn));
};

const sumInt64: Accumulator = {
  fields: [{ storage: "int128" }],
  update(code, _operatorId, state, [value]) {
    const { fn } = code;
    add128(code, state.load(0).locals, only(value!), () => {
      fn.get(only(value!));
      fn.i64(63);
      fn.op("i64.shr_s");
    });
    state.store(0, popInt128(fn));
  },
  combine: combine128,
};

const sumUint64: Accumulator = {
  fields: [{ storage: "int128" }],
  update(code, _operatorId, state, [value]) {
    add128(code, state.load(0).locals, only(value!), () => code.fn.i64(0));
    state.store(0, popInt128(code.fn));
  },
  combine: combine128,
};

/** The sum of two int128, in fresh locals; raises overflow. */
const checkedAdd = (code: Code, a: Value, b: Value): Value => {
  const { fn } = code;
  const [low, high] = b.locals as [Local, Local];
  add128(code, a.locals, low, () => fn.get(high));
  const sum = popInt128(fn);
  // Overflow: the sum's sign differs from that of both operands.
  for (const operand of [a, b]) {
    fn.get(operand.locals[1]!);
    fn.get(sum.locals[1]!);
    fn.op("i64.xor");
  }
  fn.op("i64.and");
  fn.i64(0);
  fn.op("i64.lt_s");
  fn.if(() => raiseSumOverflow(code));
  return sum;
};

export const raiseSumOverflow = (code: Code): void =>
  code.raise(raiseCode.overflow, code.module.message("a sum is beyond 38 digits"));

const sumInt128: Accumulator = {
  fields: [{ storage: "int128" }],
  update(code, _operatorId, state, [value]) {
    state.store(0, checkedAdd(code, state.load(0), value!));
  },
  combine(code, _operatorId, into, from) {
    into.store(0, checkedAdd(code, into.load(0), from.load(0)));
  },
};

const sumFloat: Accumulator = {
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
