import type { QueryRun } from "@headcut/executor";
import type { PlannedQuery } from "@headcut/planner";
import type { BatchStream } from "../batch-stream.ts";
import type { StatementContext } from "./statement-context.ts";

/** Starts a query. Whoever starts it reads it to the end or cancels it. */
export const startRun = ({ physical, names }: PlannedQuery, { engine, options }: StatementContext): QueryRun =>
  engine.execute(physical, names, options);

/** Starts a query whose result goes to the caller. */
export const startQuery = async (planned: PlannedQuery, context: StatementContext): Promise<BatchStream> => {
  const run = startRun(planned, context);
  try {
    return { columns: run.columns, schema: await run.schema(), batches: run, cancel: () => run.cancel() };
  } catch (cause) {
    await run.cancel();
    throw cause;
  }
};
