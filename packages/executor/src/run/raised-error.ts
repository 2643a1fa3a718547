import { QueryError } from "@headcut/plan";
import { expressionError } from "../expressions/expression-error.ts";
import { raiseCode } from "../expressions/raise-code.ts";
import { operatorRaiseCode } from "../pipelines/raise-code.ts";
import { OperatorOutOfMemory } from "./error-record.ts";

/** The error of `host.raise(code, detail)` in a pipeline with these messages; `memory` is a view of all of it. */
export const raisedError = (code: number, detail: number, messages: readonly string[], memory: Uint8Array): Error => {
  switch (code) {
    case raiseCode.outOfMemory:
      return new OperatorOutOfMemory(detail);
    case operatorRaiseCode.tooManyRows:
      return new QueryError("too-many-rows", "a subquery used as a value returned more than one row");
    case operatorRaiseCode.cancelled:
      return new QueryError("cancelled", "the query was cancelled");
    default:
      return (
        expressionError(code, detail, messages, memory) ?? new Error(`internal error: unknown failure code ${code}`)
      );
  }
};
