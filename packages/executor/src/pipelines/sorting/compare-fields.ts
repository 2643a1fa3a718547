import type { SortKey } from "@headcut/plan";
import { emitSortCompare } from "../../expressions/comparison.ts";
import type { Local } from "../../wasm/function-builder.ts";
import type { Code } from "../code.ts";
import { type Field, loadField } from "../row-layout.ts";

/** Leaves an i32 below, at or above zero as row `a` comes before, with or after row `b`, whose keys are in `fields`. */
export const compareFields = (
  code: Code,
  operatorId: number,
  keys: readonly SortKey[],
  fields: readonly Field[],
  a: Local,
  b: Local,
): void => {
  const { fn } = code;
  const compareFrom = (position: number): void => {
    const key = keys[position];
    if (key === undefined) {
      fn.i32(0);
      return;
    }
    const [left, right] = [a, b].map((row) => loadField(code, fields[position]!, row));
    emitSortCompare(code.scope(operatorId), left!, right!, key.expression.type, key);
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
