import { only, pop } from "../../../expressions/value.ts";
import type { Accumulator } from "./accumulator.ts";

/** Rows that count; field 0: int64. */
export const count: Accumulator = {
  fields: [{ storage: "int64" }],
  branchFree: true,
  update({ fn }, _operatorId, state, _args, included) {
    const before = state.load(0);
    fn.get(only(before));
    if (included === undefined) {
      fn.i64(1);
    } else {
      fn.get(included);
      fn.op("i64.extend_i32_u");
    }
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
