import { isEngineFull } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { AttemptFailure } from "../schedule/query-events.ts";
import type { AttemptId, QueryFailure } from "../schedule/query-state.ts";

/** An input that could not be read: the output of this attempt. */
export class InputLost extends QueryError {
  readonly input: AttemptId;

  constructor(input: AttemptId, message: string, cause: unknown) {
    super("io", message, { cause });
    this.input = input;
  }
}

/** Failures of a node and not of the query; the others would come again wherever it runs. */
const isOfNode = (error: unknown): boolean => {
  if (error instanceof QueryError) {
    return error.code === "io" || error.code === "closed" || error.code === "cancelled" || isEngineFull(error);
  }
  // What the system refuses, such as a file that cannot be opened.
  return error instanceof Error && "syscall" in error;
};

/** What a failed attempt says of itself. */
export const attemptFailureOf = (error: unknown): AttemptFailure => {
  if (error instanceof InputLost) return { kind: "inputLost", input: error.input, why: error.message };
  return { kind: isOfNode(error) ? "elsewhere" : "fatal", failure: failureOf(error) };
};

const failureOf = (error: unknown): QueryFailure => {
  if (error instanceof QueryError) {
    const { code, message, hint } = error;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
  return { code: "io", message: error instanceof Error ? error.message : String(error) };
};
