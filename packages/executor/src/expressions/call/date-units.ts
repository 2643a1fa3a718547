import { assert } from "@headcut/plan";
import type { CallContext } from "./call.ts";

/** In the order of their numbers in kernels/date-units.ts. */
const UNITS = [
  "millennium",
  "century",
  "decade",
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond",
];

/** The number of the unit that the call's constant first argument names. */
export const unitOf = ({ call }: CallContext): number => {
  const unit = call.args[0]!;
  assert(unit.kind === "constant", "binding checks that the unit is constant");
  const number = UNITS.indexOf(String(unit.value));
  assert(number >= 0, `binding knows the unit ${String(unit.value)}`);
  return number;
};
