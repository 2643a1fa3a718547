import type { Storage } from "../layout/storage.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";

/**
 * An SQL value inside a compiled function: the locals of its storage (`storageLayout`) and, where NULL is possible, an
 * i32 local that is 1 for NULL and 0 otherwise. The value locals of a NULL are unspecified, but valid to operate on:
 * a string reference points to readable memory.
 */
export interface Value {
  readonly storage: Storage;
  readonly locals: readonly Local[];
  readonly isNull: Local | undefined;
}

/** The single local of every storage but int128. */
export const only = (value: Value): Local => value.locals[0]!;

/** The value with its locals pushed on the stack, low word first. */
export const push = (fn: FunctionBuilder, value: Value): void => {
  for (const local of value.locals) fn.get(local);
};

/** A value in one fresh local, taken from the stack. */
export const pop = (
  fn: FunctionBuilder,
  storage: Exclude<Storage, "int128">,
  isNull: Local | undefined = undefined,
): Value => {
  const local = fn.local(localType[storage]);
  fn.set(local);
  return { storage, locals: [local], isNull };
};

const localType = {
  bool: "i32",
  int32: "i32",
  int64: "i64",
  float32: "f32",
  float64: "f64",
  string: "i64",
} as const;

/** An int128 in two fresh locals, taken from the stack, high word on top. */
export const popInt128 = (fn: FunctionBuilder, isNull: Local | undefined = undefined): Value => {
  const low = fn.local("i64");
  const high = fn.local("i64");
  fn.set(high);
  fn.set(low);
  return { storage: "int128", locals: [low, high], isNull };
};

/** The local that is 1 where any of the values is NULL; undefined when none can be. */
export const anyNull = (fn: FunctionBuilder, values: readonly Value[]): Local | undefined => {
  const nullable = [...new Set(values.flatMap(({ isNull }) => (isNull === undefined ? [] : [isNull])))];
  if (nullable.length < 2) return nullable[0];
  const either = fn.local("i32");
  fn.get(nullable[0]!);
  for (const isNull of nullable.slice(1)) {
    fn.get(isNull);
    fn.op("i32.or");
  }
  fn.set(either);
  return either;
};
