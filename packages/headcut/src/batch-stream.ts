import type { ClusterReport } from "@headcut/coordinator";
import { arrowLibrary, arrowSchema, loadArrow, recordBatch } from "@headcut/executor";
import type { DataType } from "@headcut/plan";
import type * as Arrow from "apache-arrow";
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
  readonly schema: Arrow.Schema;
  readonly batches: AsyncIterable<Arrow.RecordBatch>;
  /** Stops what makes the batches; resolves when all it held is free. Harmless at the end. */
  cancel(): Promise<void>;
  /** What a cluster did for it, once all batches have been read; undefined for the engine in this process. */
  report?(): Promise<ClusterReport | undefined>;
}

/** The result in Arrow's classes, which are loaded when the first of them is asked for. */
export const batchStream = (result: StatementResult): BatchStream => {
  let schema: Arrow.Schema | undefined;
  return {
    columns: resultColumns(result),
    get schema() {
      schema ??= arrowSchema(arrowLibrary(), result.columns);
      return schema;
    },
    batches: recordBatches(result),
    cancel: () => result.cancel(),
    ...(result.report !== undefined && { report: () => result.report!() }),
  };
};

/** The result's rows; their buffers are not copied. */
export async function* recordBatches(
  result: Pick<StatementResult, "columns" | "encodedBatches">,
): AsyncGenerator<Arrow.RecordBatch> {
  const arrow = await loadArrow();
  const schema = arrowSchema(arrow, result.columns);
  for await (const batch of result.encodedBatches()) yield recordBatch(arrow, schema, batch);
}

export const resultColumns = ({ columns }: Pick<StatementResult, "columns">): readonly ResultColumn[] =>
  columns.map(({ name, type }) => ({ name, type }));

/** A batch without rows, for writers that take the schema from a batch. */
export const emptyBatch = (arrow: typeof Arrow, schema: Arrow.Schema): Arrow.RecordBatch => {
  const children = schema.fields.map(({ type }) => arrow.makeData({ type, length: 0, nullCount: 0 }));
  const type = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length: 0, nullCount: 0, children }));
};
