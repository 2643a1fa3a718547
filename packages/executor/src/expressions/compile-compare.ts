import type { Compare } from "@headcut/plan";
import { emitComparison, emitEquals } from "./comparison.ts";
import type { ExpressionScope } from "./scope.ts";
import { anyNull, pop, type Value } from "./value.ts";

export const compileCompare = ({ op, left }: Compare, a: Value, b: Value, scope: ExpressionScope): Value => {
  const { fn } = scope;
  if (op === "distinct" || op === "notDistinct") {
    emitEquals(scope, a, b, left.type, true);
    if (op === "distinct") fn.op("i32.eqz");
    return pop(fn, "bool");
  }
  const isNull = anyNull(fn, [a, b]);
  emitComparison(scope, op, a, b, left.type);
  return pop(fn, "bool", isNull);
};
