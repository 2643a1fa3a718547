import type { QueryError } from "@headcut/plan";

const marked = new WeakSet<Error>();

/** The error, which from now on says that the engine's memory was exhausted, not a query's own limit. */
export const engineFull = (error: QueryError): QueryError => {
  marked.add(error);
  return error;
};

/** Whether a query failed because others have the engine's memory: later, or on another node, it may do better. */
export const isEngineFull = (error: unknown): boolean => error instanceof Error && marked.has(error);
