import type { Storage } from "../layout/storage.ts";
import { storageLayout } from "../layout/storage.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { emitOutOfMemoryIfZero } from "./failure.ts";
import type { ExpressionScope } from "./scope.ts";
import { only, pop, popInt128, push, type Value } from "./value.ts";

/** The value at `address + offset`, in fresh locals; never NULL. */
export const emitLoad = (fn: FunctionBuilder, storage: Storage, address: Local, offset = 0): Value => {
  if (storage === "int128") {
    fn.get(address);
    fn.mem("i64.load", offset);
    fn.get(address);
    fn.mem("i64.load", offset + 8);
    return popInt128(fn);
  }
  fn.get(address);
  fn.mem(loads[storage], offset);
  return pop(fn, storage);
};

/** Writes the value's locals to `address + offset`; whether it is NULL is the caller's to write. */
export const emitStore = (fn: FunctionBuilder, value: Value, address: Local, offset = 0): void => {
  value.locals.forEach((local, word) => {
    fn.get(address);
    fn.get(local);
    fn.mem(value.storage === "int128" ? "i64.store" : stores[value.storage], offset + 8 * word);
  });
};

const loads = {
  bool: "i32.load8_u",
  int32: "i32.load",
  int64: "i64.load",
  float32: "f32.load",
  float64: "f64.load",
  string: "i64.load",
} as const;

const stores = {
  bool: "i32.store8",
  int32: "i32.store",
  int64: "i64.store",
  float32: "f32.store",
  float64: "f64.store",
  string: "i64.store",
} as const;

/** Copies the value into other locals of the same storage, its NULL included where `to` has one. */
export const emitMove = (fn: FunctionBuilder, from: Value, to: Value): void => {
  from.locals.forEach((local, word) => {
    fn.get(local);
    fn.set(to.locals[word]!);
  });
  if (to.isNull === undefined) return;
  if (from.isNull === undefined) fn.i32(0);
  else fn.get(from.isNull);
  fn.set(to.isNull);
};

/** Fresh locals for a value of this storage. */
export const freshValue = (fn: FunctionBuilder, storage: Storage, nullable: boolean): Value => ({
  storage,
  locals: storageLayout[storage].locals.map((type) => fn.local(type)),
  isNull: nullable ? fn.local("i32") : undefined,
});

/** The string with its bytes copied to the arena; raises out of memory. A NULL is not copied. */
export const emitCopyString = (scope: ExpressionScope, value: Value, arena: Local): Value => {
  const { fn, module } = scope;
  const copy = freshValue(fn, "string", false);
  const emit = (): void => {
    push(fn, value);
    fn.get(arena);
    fn.call(module.kernel("stringCopy"));
    fn.set(only(copy));
    emitOutOfMemoryIfZero(scope, only(copy));
  };
  fn.i64(0);
  fn.set(only(copy));
  if (value.isNull === undefined) emit();
  else {
    fn.get(value.isNull);
    fn.op("i32.eqz");
    fn.if(emit);
  }
  return { ...copy, isNull: value.isNull };
};
