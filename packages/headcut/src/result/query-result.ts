import type { ClusterReport } from "@headcut/coordinator";
import { type RecordBatch, type Schema, Table, tableToIPC } from "apache-arrow";
import type { BatchStream, ResultColumn } from "../batch-stream.ts";
import { type JavaScriptValue, toJavaScript, type ValueOptions } from "./javascript-values.ts";
import { readValues } from "./read-values.ts";
import { textOf } from "./text-of.ts";

export type Row = Record<string, JavaScriptValue>;

/** What a query returned, whole, in Arrow's columns. The conversions are made when asked for. */
export class QueryResult<T = Row> {
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  /** What a cluster did for it; undefined for the engine in this process, and for statements that run no query. */
  readonly cluster: ClusterReport | undefined;
  private readonly schema: Schema;
  private readonly batches: readonly RecordBatch[];
  private readonly options: ValueOptions;

  constructor(
    columns: readonly ResultColumn[],
    schema: Schema,
    batches: readonly RecordBatch[],
    options: ValueOptions,
    cluster?: ClusterReport,
  ) {
    this.columns = columns;
    this.schema = schema;
    this.batches = batches;
    this.options = options;
    this.cluster = cluster;
    this.rowCount = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  }

  /** The Arrow table; no values are copied. */
  toArrow(): Table {
    return new Table(this.schema, [...this.batches]);
  }

  /** The result in Arrow's IPC format, "stream" (default) or "file". */
  toIPC(format: "stream" | "file" = "stream"): Uint8Array {
    return tableToIPC(this.toArrow(), format);
  }

  /** One object per row. A name that repeats keeps its last column's value; `toRows` keeps them all. */
  toArray(options: ValueOptions = this.options): T[] {
    const names = this.columns.map((column) => column.name);
    const rows: T[] = [];
    for (const batch of this.batches)
      appendObjects(rows as Row[], names, batchReaders(batch, this.columns, options), batch.numRows);
    return rows;
  }

  /** One array per row, in column order. */
  toRows(options: ValueOptions = this.options): JavaScriptValue[][] {
    return this.batches.flatMap((batch) => {
      const readers = batchReaders(batch, this.columns, options);
      return Array.from({ length: batch.numRows }, (_, row) => readers.map((read) => read(row)));
    });
  }

  /** One array per column, in column order. */
  toColumns(options: ValueOptions = this.options): JavaScriptValue[][] {
    const out: JavaScriptValue[][] = this.columns.map(() => []);
    for (const batch of this.batches) {
      batchReaders(batch, this.columns, options).forEach((read, index) => {
        for (let row = 0; row < batch.numRows; row++) out[index]!.push(read(row));
      });
    }
    return out;
  }

  /** One array of texts per row, each what CAST(value AS VARCHAR) makes of it. */
  toText(): (string | null)[][] {
    return this.batches.flatMap((batch) => {
      const readers = this.columns.map(({ type }, index) => {
        const read = readValues(batch.data.children[index]!, type);
        return (row: number): string | null => textOf(type, read(row));
      });
      return Array.from({ length: batch.numRows }, (_, row) => readers.map((read) => read(row)));
    });
  }

  [Symbol.iterator](): Iterator<T> {
    return this.toArray()[Symbol.iterator]();
  }
}

/** Reads a stream to its end. */
export const collectResult = async <T>(stream: BatchStream, options: ValueOptions): Promise<QueryResult<T>> => {
  const batches: RecordBatch[] = [];
  for await (const batch of stream.batches) batches.push(batch);
  return new QueryResult<T>(stream.columns, stream.schema, batches, options, await stream.report?.());
};

/** Readers of JavaScript values for each column of a batch. */
const batchReaders = (
  batch: RecordBatch,
  columns: readonly ResultColumn[],
  options: ValueOptions,
): ((row: number) => JavaScriptValue)[] =>
  columns.map(({ type }, index) => {
    const read = readValues(batch.data.children[index]!, type);
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
