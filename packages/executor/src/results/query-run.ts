import type { Column } from "@headcut/plan";
import type * as Arrow from "apache-arrow";
import { loadArrow } from "../arrow/load-arrow.ts";
import type { QueryMetrics } from "../run/query-metrics.ts";
import { arrowSchema } from "./arrow-schema.ts";
import type { EncodedBatch } from "./encoded-batch.ts";
import { recordBatch } from "./record-batch.ts";

/**
 * A running query. Read it to the end, or leave the `for await` loop early, or cancel it: until then it holds its
 * memory. When more than 64 MiB of its rows wait to be read, it pauses.
 */
export interface QueryRun extends AsyncIterable<Arrow.RecordBatch> {
  readonly columns: readonly Pick<Column, "name" | "type" | "nullable">[];
  schema(): Promise<Arrow.Schema>;
  /** The rows as Arrow's bare buffers, for callers that need no Arrow library. Instead of iterating over the run. */
  encodedBatches(): AsyncIterable<EncodedBatch>;
  /** Stops the query; resolves when all it had is free. Harmless once it has ended. */
  cancel(): Promise<void>;
  /** Once the query has ended; rejects with its error. */
  readonly metrics: Promise<QueryMetrics>;
}

/** Where a run's rows come from. */
export interface RowSource {
  /** Undefined at the end; throws the query's error. */
  readonly next: () => Promise<EncodedBatch | undefined>;
  /** Stops the query if it still runs; resolves when nothing of it is left. */
  readonly cancel: () => Promise<void>;
  /** Rejects if the query fails. */
  readonly metrics: Promise<QueryMetrics>;
}

/** The run as its reader sees it. Leaving it early cancels it. */
export const queryRun = (execution: RowSource, columns: QueryRun["columns"]): QueryRun => {
  const schema = async (): Promise<Arrow.Schema> => arrowSchema(await loadArrow(), columns);
  async function* encodedBatches(): AsyncGenerator<EncodedBatch, void, undefined> {
    try {
      for (;;) {
        const batch = await execution.next();
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      await execution.cancel();
    }
  }
  async function* recordBatches(): AsyncGenerator<Arrow.RecordBatch, void, undefined> {
    const library = await loadArrow();
    const fields = arrowSchema(library, columns);
    for await (const batch of encodedBatches()) yield recordBatch(library, fields, batch);
  }
  return {
    columns,
    schema,
    encodedBatches,
    [Symbol.asyncIterator]: recordBatches,
    cancel: execution.cancel,
    metrics: execution.metrics,
  };
};
