import type { ClusterReport } from "@headcut/coordinator";
import { arrowSchema, recordBatch } from "@headcut/executor";
import type { DataType } from "@headcut/plan";
import * as arrow from "apache-arrow";
import type { StatementResult } from "./statements/statement-result.ts";

/** A result column: its name as the query spells it (names may repeat) and its SQL type. */
export interface ResultColumn {
  readonly name: string;
  readonly type: DataType;
}

/** A result as it arrives, to be read once. Whoever takes it reads `batches` to the end or cancels it. */
export interface BatchStream {
  /** Empty for statements that return no table. */
  readonly columns: readonly ResultColumn[];
  readonly schema: arrow.Schema;
  readonly batches: AsyncIterable<arrow.RecordBatch>;
  /** Stops what makes the batches; resolves when all it held is free. Harmless at the end. */
  cancel(): Promise<void>;
  /** What a cluster did for it, once all batches have been read; undefined for the engine in this process. */
  report?(): Promise<ClusterReport | undefined>;
}

/** The result in Arrow's classes; its buffers are not copied. */
export const batchStream = (result: StatementResult): BatchStream => {
  const schema = arrowSchema(arrow, result.columns);
  async function* batches(): AsyncGenerator<arrow.RecordBatch> {
    for await (const batch of result.encodedBatches()) yield recordBatch(arrow, schema, batch);
  }
  return {
    columns: result.columns.map(({ name, type }) => ({ name, type })),
    schema,
    batches: batches(),
    cancel: () => result.cancel(),
    ...(result.report !== undefined && { report: () => result.report!() }),
  };
};

/** A batch without rows, for writers that take the schema from a batch. */
export const emptyBatch = (schema: arrow.Schema): arrow.RecordBatch => {
  const children = schema.fields.map(({ type }) => arrow.makeData({ type, length: 0, nullCount: 0 }));
  const type = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length: 0, nullCount: 0, children }));
};
