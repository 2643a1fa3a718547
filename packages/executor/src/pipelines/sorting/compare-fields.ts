import type { SortKey } from "@headcut/plan";
import { emitSortCompare } from "../../expressions/comparison.ts";
import type { Value } from "../../expressions/value.ts";
import type { Local } from "../../wasm/function-builder.ts";
import type { Code } from "../code.ts";
import { type Field, loadField } from "../row-layout.ts";

/** Leaves an i32 below, at or above zero as the left keys come before, with or after the right ones, by position. */
export const compareKeys = (
  code: Code,
  operatorId: number,
  keys: readonly SortKey[],
  left: (position: number) => Value,
  right: (position: number) => Value,
): void => {
  const { fn } = code;
  const compareFrom = (position: number): void => {
    const key = keys[position];
    if (key === undefined) {
      fn.i32(0);
      return;
    }
    emitSortCompare(code.scope(operatorId), left(position), right(position), key.expression.type, key);
    if (position === keys.length - 1) return;
    const order = fn.local("i32");
    fn.tee(order);
    fn.if(
      () => fn.get(order),
      () => compareFrom(position + 1),
      "i32",
    );
  };
  compareFrom(0);
};

/** The same for two rows with the keys in `fields`. */
export const compareFields = (
  code: Code,
  operatorId: number,
  keys: readonly SortKey[],
  fields: readonly Field[],
  a: Local,
  b: Local,
): void => {
  const of = (row: Local) => (position: number) => loadField(code, fields[position]!, row);
  compareKeys(code, operatorId, keys, of(a), of(b));
};
