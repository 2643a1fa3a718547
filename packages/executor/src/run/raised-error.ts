import { QueryError } from "@headcut/plan";
import { expressionError } from "../expressions/expression-error.ts";
import { raiseCode } from "../expressions/raise-code.ts";
import { heldMemory } from "../memory/held-memory.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { operatorRaiseCode } from "../pipelines/raise-code.ts";
import { OperatorOutOfMemory } from "./error-record.ts";

/** The error of `host.raise(code, detail)` in a pipeline of the query with these messages. */
export const raisedError = (
  code: number,
  detail: number,
  messages: readonly string[],
  memory: SharedMemory,
  query: number,
): Error => {
  switch (code) {
    case raiseCode.outOfMemory:
      return new OperatorOutOfMemory(detail, "memory", heldMemory(memory, query));
    case operatorRaiseCode.tooManyRows:
      return new QueryError("too-many-rows", "a subquery used as a value returned more than one row");
    case operatorRaiseCode.cancelled:
      return new QueryError("cancelled", "the query was cancelled");
    default:
      return (
        expressionError(code, detail, messages, memory.bytes) ??
        new Error(`internal error: unknown failure code ${code}`)
      );
  }
};
