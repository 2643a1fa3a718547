import type { Case, Expression } from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";
import type { ExpressionScope } from "./scope.ts";
import { emitMove, freshValue } from "./storage-access.ts";
import type { Value } from "./value.ts";

/** Branches are tried in order; only the one taken is evaluated. */
export const compileCase = (
  expression: Case,
  scope: ExpressionScope,
  compile: (expression: Expression, scope: ExpressionScope) => Value,
  predicate: (expression: Expression, scope: ExpressionScope) => void,
): Value => {
  const { fn } = scope;
  const result = freshValue(fn, storageOf(expression.type), expression.nullable);
  const take = (branch: Expression): void => emitMove(fn, compile(branch, scope), result);
  const from = (position: number): void => {
    const branch = expression.branches[position];
    if (branch === undefined) {
      take(expression.otherwise);
      return;
    }
    predicate(branch.when, scope);
    fn.if(
      () => take(branch.then),
      () => from(position + 1),
    );
  };
  from(0);
  return result;
};
