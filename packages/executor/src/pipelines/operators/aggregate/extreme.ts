import type { DataType } from "@headcut/plan";
import { emitComparison } from "../../../expressions/comparison.ts";
import { emitCopyString } from "../../../expressions/storage-access.ts";
import type { Value } from "../../../expressions/value.ts";
import { type Storage, storageLayout, storageOf } from "../../../layout/storage.ts";
import type { Code } from "../../code.ts";
import type { Accumulator, State } from "./accumulator.ts";

/**
 * The least or greatest value, in field 0. Numbers start from the other end of their order and are replaced without a branch; what has no
 * such end (strings, intervals) has whether there is a value in field 1.
 */
export const extremeOf = (type: DataType, op: "lt" | "gt"): Accumulator => {
  const storage = storageOf(type);
  const initial = type.kind === "interval" ? undefined : worst(type, storage, op);
  return initial === undefined ? guarded(type, storage, op) : selected(type, storage, op, initial);
};

/** What every value replaces, or equals; for the least value, the greatest there is. */
const worst = (type: DataType, storage: Storage, op: "lt" | "gt"): number | bigint | undefined => {
  const least = op === "lt";
  switch (storage) {
    case "bool":
      return least ? 1 : 0;
    case "int32":
      return least ? 0x7fffffff : -0x80000000;
    case "int64":
      if (type.kind === "uint64") return least ? -1n : 0n;
      return least ? (1n << 63n) - 1n : -(1n << 63n);
    case "int128":
      return least ? (1n << 127n) - 1n : -(1n << 127n);
    case "float32":
    case "float64":
      return least ? Number.NaN : Number.NEGATIVE_INFINITY;
    case "string":
      return undefined;
  }
};

const selected = (type: DataType, storage: Storage, op: "lt" | "gt", initial: number | bigint): Accumulator => {
  const take = (code: Code, operatorId: number, state: State, value: Value): void => {
    const { fn } = code;
    const before = state.load(0);
    const better = fn.local("i32");
    emitComparison(code.scope(operatorId), op, value, before, type);
    fn.set(better);
    const locals = storageLayout[storage].locals.map((wasm, word) => {
      const local = fn.local(wasm);
      fn.get(value.locals[word]!);
      fn.get(before.locals[word]!);
      fn.get(better);
      fn.op("select");
      fn.set(local);
      return local;
    });
    state.store(0, { storage, locals, isNull: undefined });
  };
  return {
    fields: [{ storage, initial }],
    update: (code, operatorId, state, [value]) => take(code, operatorId, state, value!),
    combine: (code, operatorId, into, from) => take(code, operatorId, into, from.load(0)),
  };
};

const guarded = (type: DataType, storage: Storage, op: "lt" | "gt"): Accumulator => {
  const take = (code: Code, operatorId: number, state: State, value: Value, copy: boolean): void => {
    const { fn } = code;
    const replace = fn.local("i32");
    fn.i32(1);
    fn.set(replace);
    fn.get(state.load(1).locals[0]!);
    fn.if(() => {
      emitComparison(code.scope(operatorId), op, value, state.load(0), type);
      fn.set(replace);
    });
    fn.get(replace);
    fn.if(() => keep(code, operatorId, state, value, copy));
  };
  return {
    fields: [{ storage }, { storage: "bool" }],
    update: (code, operatorId, state, [value]) => take(code, operatorId, state, value!, true),
    combine: (code, operatorId, into, from) =>
      ifSeen(code, from, (value) => take(code, operatorId, into, value, false)),
  };
};

/** Any one value: the first that a thread comes to. Field 0: the value, field 1: whether there is one. */
export const anyValueOf = (type: DataType): Accumulator => {
  const take = (code: Code, operatorId: number, state: State, value: Value, copy: boolean): void => {
    const { fn } = code;
    fn.get(state.load(1).locals[0]!);
    fn.op("i32.eqz");
    fn.if(() => keep(code, operatorId, state, value, copy));
  };
  return {
    fields: [{ storage: storageOf(type) }, { storage: "bool" }],
    update: (code, operatorId, state, [value]) => take(code, operatorId, state, value!, true),
    combine: (code, operatorId, into, from) =>
      ifSeen(code, from, (value) => take(code, operatorId, into, value, false)),
  };
};

/** The value of the first row, NULL or not. Fields: the value, whether there is a row, whether its value is NULL. */
export const firstOf = (type: DataType): Accumulator => {
  const take = (code: Code, operatorId: number, state: State, value: Value, copy: boolean): void => {
    const { fn } = code;
    fn.get(state.load(1).locals[0]!);
    fn.op("i32.eqz");
    fn.if(() => {
      keep(code, operatorId, state, value, copy);
      const isNull = fn.local("i32");
      if (value.isNull === undefined) fn.i32(0);
      else fn.get(value.isNull);
      fn.set(isNull);
      state.store(2, { storage: "bool", locals: [isNull], isNull: undefined });
    });
  };
  return {
    fields: [{ storage: storageOf(type) }, { storage: "bool" }, { storage: "bool" }],
    takesNulls: true,
    update: (code, operatorId, state, [value]) => take(code, operatorId, state, value!, true),
    combine: (code, operatorId, into, from) =>
      ifSeen(code, from, (value) => take(code, operatorId, into, { ...value, isNull: from.load(2).locals[0]! }, false)),
  };
};

const ifSeen = (code: Code, from: State, then: (value: Value) => void): void => {
  code.fn.get(from.load(1).locals[0]!);
  code.fn.if(() => then(from.load(0)));
};

/** Stores the value, its bytes copied to the thread's arena where they may not last, and that there is one. */
const keep = (code: Code, operatorId: number, state: State, value: Value, copy: boolean): void => {
  const { fn } = code;
  const kept = copy && value.storage === "string" ? emitCopyString(code.scope(operatorId), value, code.arena) : value;
  state.store(0, kept);
  const seen = fn.local("i32");
  fn.i32(1);
  fn.set(seen);
  state.store(1, { storage: "bool", locals: [seen], isNull: undefined });
};
