import type { Logical } from "@headcut/plan";
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { only, pop, type Value } from "./value.ts";

/**
 * AND and OR in three-valued logic, without branches: every argument is evaluated, so no error is lost. One FALSE
 * decides an AND and one TRUE an OR, whatever is NULL.
 */
export const compileLogical = ({ kind }: Logical, args: readonly Value[], fn: FunctionBuilder): Value => {
  const nullable = args.filter(({ isNull }) => isNull !== undefined);
  if (nullable.length === 0) {
    fn.get(only(args[0]!));
    for (const arg of args.slice(1)) {
      fn.get(only(arg));
      fn.op(kind === "and" ? "i32.and" : "i32.or");
    }
    return pop(fn, "bool");
  }
  args.forEach((arg, i) => {
    pushDecides(kind, arg, fn);
    if (i > 0) fn.op("i32.or");
  });
  const decided = fn.local("i32");
  fn.set(decided);
  nullable.forEach(({ isNull }, i) => {
    fn.get(isNull!);
    if (i > 0) fn.op("i32.or");
  });
  fn.get(decided);
  fn.op("i32.eqz");
  fn.op("i32.and");
  const isNull = fn.local("i32");
  fn.set(isNull);
  fn.get(decided);
  if (kind === "and") fn.op("i32.eqz");
  return pop(fn, "bool", isNull);
};

const pushDecides = (kind: "and" | "or", { locals, isNull }: Value, fn: FunctionBuilder): void => {
  fn.get(locals[0]!);
  if (kind === "and") fn.op("i32.eqz");
  if (isNull === undefined) return;
  fn.get(isNull);
  fn.op("i32.eqz");
  fn.op("i32.and");
};

export const compileNot = (arg: Value, fn: FunctionBuilder): Value => {
  fn.get(only(arg));
  fn.op("i32.eqz");
  return pop(fn, "bool", arg.isNull);
};

export const compileIsNull = (arg: Value, fn: FunctionBuilder): Value => {
  if (arg.isNull === undefined) fn.i32(0);
  else fn.get(arg.isNull);
  return pop(fn, "bool");
};
