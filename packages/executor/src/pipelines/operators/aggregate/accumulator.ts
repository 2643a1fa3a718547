import type { Expression } from "@headcut/plan";
import { emitLoad, emitMove, emitStore } from "../../../expressions/storage-access.ts";
import type { Value } from "../../../expressions/value.ts";
import type { Storage } from "../../../layout/storage.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { Field } from "../../row-layout.ts";

/** One word of an accumulator's state; `initial` (default zero) is its value before the first row. */
export interface StateField {
  readonly storage: Exclude<Storage, "string"> | "string";
  readonly initial?: number | bigint;
}

/** Access to an accumulator's fields for one group, by their position. */
export interface State {
  /** Fresh locals, or locals that hold the state itself: never written to by the reader. */
  load(field: number): Value;
  store(field: number, value: Value): void;
}

/**
 * The smallest thing that is computed over a group's rows. Aggregates are made of accumulators, and share equal ones: an
 * average is a sum and a count.
 */
export interface Accumulator {
  readonly fields: readonly StateField[];
  /**
   * Takes in the current row. `included`, where it is not undefined, is 1 if the row counts (no argument NULL, the filter TRUE)
   * and 0 otherwise; unless `branchFree`, the code runs only for rows that count.
   */
  update(code: Code, operatorId: number, state: State, args: readonly Value[], included: Local | undefined): void;
  readonly branchFree?: boolean;
  /** Whether rows with a NULL argument count too. */
  readonly takesNulls?: boolean;
  /** Takes in what another thread accumulated for the same group. */
  combine(code: Code, operatorId: number, into: State, from: State): void;
}

/** An accumulator with its arguments. Uses with one `key` are one. */
export interface AccumulatorUse {
  readonly key: string;
  readonly accumulator: Accumulator;
  readonly args: readonly Expression[];
  readonly filter: Expression | undefined;
}

/** The state in a row in memory. */
export const memoryState = ({ fn }: Code, fields: readonly Field[], row: Local): State => ({
  load: (field) => emitLoad(fn, fields[field]!.storage, row, fields[field]!.offset),
  store: (field, value) => emitStore(fn, value, row, fields[field]!.offset),
});

/** The state in locals of the running function. */
export const localState = ({ fn }: Code, values: readonly Value[]): State => ({
  load: (field) => values[field]!,
  store: (field, value) => emitMove(fn, value, values[field]!),
});

/** The state before the first row. */
export const initialize = ({ fn }: Code, accumulator: Accumulator, state: State): void => {
  accumulator.fields.forEach(({ storage, initial = 0 }, i) => {
    const words: Local[] = [];
    const word = (type: "i32" | "i64" | "f32" | "f64", push: () => void): void => {
      const local = fn.local(type);
      push();
      fn.set(local);
      words.push(local);
    };
    switch (storage) {
      case "bool":
      case "int32":
        word("i32", () => fn.i32(Number(initial)));
        break;
      case "int64":
      case "string":
        word("i64", () => fn.i64(BigInt(initial)));
        break;
      case "int128":
        word("i64", () => fn.i64(BigInt.asIntN(64, BigInt(initial))));
        word("i64", () => fn.i64(BigInt.asIntN(64, BigInt(initial) >> 64n)));
        break;
      case "float32":
        word("f32", () => fn.f32(Number(initial)));
        break;
      case "float64":
        word("f64", () => fn.f64(Number(initial)));
    }
    state.store(i, { storage, locals: words, isNull: undefined });
  });
};
