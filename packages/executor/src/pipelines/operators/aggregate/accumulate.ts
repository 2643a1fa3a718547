import { compileExpression, compilePredicate } from "../../../expressions/compile-expression.ts";
import { anyNull, type Value } from "../../../expressions/value.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import { expressionKey } from "../../expression-key.ts";
import type { Row } from "../../row.ts";
import type { AccumulatorUse, State } from "./accumulator.ts";

/** Emits the update of every accumulator for the current row. */
export const accumulate = (
  code: Code,
  operatorId: number,
  uses: readonly AccumulatorUse[],
  row: Row,
  stateOf: (use: AccumulatorUse) => State,
): void => {
  const { fn } = code;
  const scope = code.scope(operatorId, row.column);
  for (const { args, filter } of uses) {
    row.load(expressionColumns(...args, ...(filter === undefined ? [] : [filter])));
  }
  // Arguments that several accumulators share are computed once, unless a filter may keep them from being computed.
  const shared = new Map<string, Value>();
  const evaluate = (use: AccumulatorUse): Value[] =>
    use.args.map((arg) => {
      if (use.filter !== undefined) return compileExpression(arg, scope);
      const key = expressionKey(arg);
      const value = shared.get(key) ?? compileExpression(arg, scope);
      shared.set(key, value);
      return value;
    });
  for (const use of uses) {
    const { accumulator, filter } = use;
    const update = (passed: Local | undefined): void => {
      const args = evaluate(use);
      const isNull = accumulator.takesNulls ? undefined : anyNull(fn, args);
      const included = isNull === undefined ? passed : not(code, isNull);
      const emit = (): void => accumulator.update(code, operatorId, stateOf(use), args, included);
      if (included === undefined || included === passed || accumulator.branchFree) {
        emit();
      } else {
        fn.get(included);
        fn.if(emit);
      }
    };
    if (filter === undefined) {
      update(undefined);
      continue;
    }
    compilePredicate(filter, scope);
    const passed = fn.local("i32");
    fn.set(passed);
    fn.get(passed);
    fn.if(() => update(passed));
  }
};

const not = ({ fn }: Code, flag: Local): Local => {
  const result = fn.local("i32");
  fn.get(flag);
  fn.op("i32.eqz");
  fn.set(result);
  return result;
};
