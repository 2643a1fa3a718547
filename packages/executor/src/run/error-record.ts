import { QueryError } from "@headcut/plan";
import type { HeldMemory } from "../memory/held-memory.ts";
import type { ErrorRecord } from "./query-task.ts";

/** A raise of code "out-of-memory" by an operator, which the main thread knows by name. `wanted`: what there is no more of. */
export class OperatorOutOfMemory extends Error {
  readonly operatorId: number;
  readonly wanted: "memory" | "disk";
  /** What the query held at that moment. */
  readonly held: readonly HeldMemory[];

  constructor(operatorId: number, wanted: "memory" | "disk", held: readonly HeldMemory[] = []) {
    super(`operator ${operatorId} ran out of ${wanted}`);
    this.operatorId = operatorId;
    this.wanted = wanted;
    this.held = held;
  }
}

/** What crosses from a worker; `pipeline` names where a bug of ours showed itself. */
export const recordError = (error: unknown, pipeline: string): ErrorRecord => {
  if (error instanceof OperatorOutOfMemory) {
    const { message, operatorId, wanted, held } = error;
    return { code: "out-of-memory", message, hint: undefined, stack: undefined, operatorId, wanted, held };
  }
  if (error instanceof QueryError) {
    return { code: error.code, message: error.message, hint: error.hint, stack: error.stack, operatorId: undefined };
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const text = message.startsWith("internal error") ? message : `internal error: ${message}`;
  return {
    code: undefined,
    message: `${text} (pipeline ${pipeline})`,
    hint: undefined,
    stack,
    operatorId: undefined,
  };
};

export const restoreError = (record: ErrorRecord): Error => {
  if (record.code !== undefined) {
    return new QueryError(record.code, record.message, record.hint === undefined ? {} : { hint: record.hint });
  }
  const error = new Error(record.message);
  if (record.stack !== undefined) error.stack = record.stack;
  return error;
};
