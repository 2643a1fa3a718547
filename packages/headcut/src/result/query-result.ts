import type { ClusterReport } from "@headcut/coordinator";
import { arrowLibrary, arrowSchema, type EncodedBatch, prepareArrow, recordBatch } from "@headcut/executor";
import type { Table } from "apache-arrow";
import { type ResultColumn, resultColumns } from "../batch-stream.ts";
import type { StatementResult } from "../statements/statement-result.ts";
import { type JavaScriptValue, toJavaScript, type ValueOptions } from "./javascript-values.ts";
import { readValues } from "./read-values.ts";
import { textOf } from "./text-of.ts";

export type Row = Record<string, JavaScriptValue>;

/** What a query returned, whole, in Arrow's buffers. The conversions are made when asked for. */
export class QueryResult<T = Row> {
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  /** What a cluster did for it; undefined for the engine in this process, and for statements that run no query. */
  readonly cluster: ClusterReport | undefined;
  private readonly encoded: Pick<StatementResult, "columns">;
  private readonly batches: readonly EncodedBatch[];
  private readonly options: ValueOptions;

  constructor(
    encoded: Pick<StatementResult, "columns">,
    batches: readonly EncodedBatch[],
    options: ValueOptions,
    cluster?: ClusterReport,
  ) {
    this.columns = resultColumns(encoded);
    this.encoded = encoded;
    this.batches = batches;
    this.options = options;
    this.cluster = cluster;
    this.rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0);
  }

  /** The Arrow table; no values are copied. The first one loads apache-arrow, unless the caller has. */
  toArrow(): Table {
    const arrow = arrowLibrary();
    const schema = arrowSchema(arrow, this.encoded.columns);
    return new arrow.Table(
      schema,
      this.batches.map((batch) => recordBatch(arrow, schema, batch)),
    );
  }

  /** The result in Arrow's IPC format, "stream" (default) or "file". */
  toIPC(format: "stream" | "file" = "stream"): Uint8Array {
    return arrowLibrary().tableToIPC(this.toArrow(), format);
  }

  /** One object per row. A name that repeats keeps its last column's value; `toRows` keeps them all. */
  toArray(options: ValueOptions = this.options): T[] {
    const names = this.columns.map((column) => column.name);
    const rows: T[] = [];
    for (const batch of this.batches)
      appendObjects(rows as Row[], names, batchReaders(batch, this.columns, options), batch.rowCount);
    return rows;
  }

  /** One array per row, in column order. */
  toRows(options: ValueOptions = this.options): JavaScriptValue[][] {
    return this.batches.flatMap((batch) => {
      const readers = batchReaders(batch, this.columns, options);
      return Array.from({ length: batch.rowCount }, (_, row) => readers.map((read) => read(row)));
    });
  }

  /** One array per column, in column order. */
  toColumns(options: ValueOptions = this.options): JavaScriptValue[][] {
    const out: JavaScriptValue[][] = this.columns.map(() => []);
    for (const batch of this.batches) {
      batchReaders(batch, this.columns, options).forEach((read, index) => {
        for (let row = 0; row < batch.rowCount; row++) out[index]!.push(read(row));
      });
    }
    return out;
  }

  /** One array of texts per row, each what CAST(value AS VARCHAR) makes of it. */
  toText(): (string | null)[][] {
    return this.batches.flatMap((batch) => {
      const readers = this.columns.map(({ type }, index) => {
        const read = readValues(batch.columns[index]!, type, batch.rowCount);
        return (row: number): string | null => textOf(type, read(row));
      });
      return Array.from({ length: batch.rowCount }, (_, row) => readers.map((read) => read(row)));
    });
  }

  [Symbol.iterator](): Iterator<T> {
    return this.toArray()[Symbol.iterator]();
  }
}

/** Reads a stream to its end. */
export const collectResult = async <T>(result: StatementResult, options: ValueOptions): Promise<QueryResult<T>> => {
  const batches: EncodedBatch[] = [];
  for await (const batch of result.encodedBatches()) batches.push(batch);
  await prepareArrow();
  return new QueryResult<T>(result, batches, options, await result.report?.());
};

/** Readers of JavaScript values for each column of a batch. */
const batchReaders = (
  batch: EncodedBatch,
  columns: readonly ResultColumn[],
  options: ValueOptions,
): ((row: number) => JavaScriptValue)[] =>
  columns.map(({ type }, index) => {
    const read = readValues(batch.columns[index]!, type, batch.rowCount);
    const convert = toJavaScript(type, options);
    return (row) => convert(read(row));
  });

const appendObjects = (
  rows: Row[],
  names: readonly string[],
  readers: readonly ((row: number) => JavaScriptValue)[],
  count: number,
): void => {
  // An assignment to this one name would set the object's prototype.
  const isSafe = !names.includes("__proto__");
  for (let row = 0; row < count; row++) {
    const values = readers.map((read) => read(row));
    if (isSafe) {
      const object: Row = {};
      for (let index = 0; index < names.length; index++) object[names[index]!] = values[index]!;
      rows.push(object);
    } else {
      rows.push(Object.fromEntries(names.map((name, index) => [name, values[index]!])));
    }
  }
};
