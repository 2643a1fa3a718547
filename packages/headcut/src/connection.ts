import { type Engine, openParquetTable } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { parse, type Statement } from "@headcut/planner";
import type { Table as ArrowTable, RecordBatch } from "apache-arrow";
import type { BatchStream } from "./batch-stream.ts";
import { Catalog } from "./catalog.ts";
import { bindParameters, type Parameters } from "./parameters.ts";
import { registerArrow } from "./register-arrow.ts";
import type { ValueOptions } from "./result/javascript-values.ts";
import { QueryResult, type Row } from "./result/query-result.ts";
import { type RunOptions, runStatement } from "./statement-runner.ts";

export type QueryOptions = RunOptions & ValueOptions;

/** A session with an engine: its tables, and the statements run on it, several at a time if the caller likes. */
export class Connection implements AsyncDisposable {
  private readonly engine: Engine;
  private readonly catalog: Catalog;
  private readonly values: ValueOptions;
  private readonly timeoutMs: number | undefined;
  private closed = false;

  /** Use `connect()`. */
  constructor(engine: Engine, values: ValueOptions, timeoutMs: number | undefined) {
    this.engine = engine;
    this.values = values;
    this.timeoutMs = timeoutMs;
    this.catalog = new Catalog({
      openParquetTable,
      memoryTable: (name, tableId) => engine.tables.get(tableId, name).describe(),
    });
  }

  /**
   * Makes a name a table: Parquet files by path or glob (one or several), or an Arrow table, whose values are copied.
   * A name that is taken is taken over. Errors: QueryError "io", "corrupt-file", "type-mismatch".
   */
  async register(name: string, source: string | readonly string[] | ArrowTable): Promise<void> {
    this.checkOpen();
    if (typeof source === "string" || Array.isArray(source)) {
      const paths = typeof source === "string" ? [source] : (source as readonly string[]);
      await openParquetTable(name, paths); // A bad file is reported here, not by the first query.
      this.dropMemory(this.catalog.remove(name));
      this.catalog.addParquet(name, paths);
      return;
    }
    const table = registerArrow(this.engine.tables, name, source as ArrowTable);
    this.dropMemory(this.catalog.remove(name));
    this.catalog.addMemory(name, table.tableId);
  }

  /** Forgets a name; files are left alone. False when there was none. */
  unregister(name: string): boolean {
    const known = this.catalog.has(name);
    this.dropMemory(this.catalog.remove(name));
    return known;
  }

  /** Names of all tables, sorted. */
  tables(): string[] {
    return this.catalog.names();
  }

  /** Runs the statements and returns the last one's whole result. Errors: QueryError. */
  async query<T = Row>(sql: string, parameters?: Parameters, options: QueryOptions = {}): Promise<QueryResult<T>> {
    let result: QueryResult<T> | undefined;
    for await (const stream of this.run(sql, parameters, options))
      result = await collect(stream, this.valueOptions(options));
    if (result === undefined) throw new QueryError("syntax", "there is no statement to run");
    return result;
  }

  /** The result of one statement as it is made; the query waits for its reader, and leaving the loop ends it. */
  async *stream(sql: string, parameters?: Parameters, options: QueryOptions = {}): AsyncGenerator<RecordBatch> {
    for await (const { batches } of this.run(sql, parameters, options)) yield* batches;
  }

  /** Runs statement after statement; each result has to be read before the next is asked for. */
  async *run(sql: string, parameters?: Parameters, options: QueryOptions = {}): AsyncGenerator<BatchStream> {
    yield* this.runStatements(parse(sql), parameters, options);
  }

  /** Parses now, plans at each execution: with the parameters' values known, plans are better. Compiled code is shared. */
  async prepare<T = Row>(sql: string): Promise<PreparedStatement<T>> {
    this.checkOpen();
    const statements = parse(sql);
    if (statements.length !== 1) {
      throw new QueryError("syntax", `prepare takes one statement, not ${statements.length}`);
    }
    const run = (parameters?: Parameters, options: QueryOptions = {}): AsyncGenerator<BatchStream> =>
      this.runStatements(statements, parameters, options);
    return {
      query: async (parameters, options = {}) => {
        for await (const stream of run(parameters, options)) return collect<T>(stream, this.valueOptions(options));
        throw new Error("internal error: a statement gave no result");
      },
      stream: async function* (parameters, options) {
        for await (const { batches } of run(parameters, options)) yield* batches;
      },
    };
  }

  /** The plan of a statement as text; with `analyze` it is run, and the plan shows what happened. */
  async explain(
    sql: string,
    options: QueryOptions & { readonly analyze?: boolean; readonly parameters?: Parameters } = {},
  ): Promise<string> {
    const { analyze = false, parameters, ...rest } = options;
    const result = await this.query(`EXPLAIN ${analyze ? "ANALYZE " : ""}${sql}`, parameters, rest);
    return String(result.toRows()[0]![0]);
  }

  /** Cancels what runs, drops in-memory tables, ends the threads. May be called twice. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.engine.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async *runStatements(
    statements: readonly Statement[],
    parameters: Parameters | undefined,
    { signal, timeoutMs = this.timeoutMs, memoryLimitBytes, onProgress }: QueryOptions,
  ): AsyncGenerator<BatchStream> {
    const options: RunOptions = {
      ...(signal !== undefined && { signal }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
      ...(onProgress !== undefined && { onProgress }),
    };
    const bound = bindParameters(parameters);
    for (const statement of statements) {
      this.checkOpen();
      if (signal?.aborted) throw new QueryError("cancelled", "the query was cancelled", { cause: signal.reason });
      yield await runStatement(statement, { engine: this.engine, catalog: this.catalog, parameters: bound, options });
    }
  }

  private valueOptions(options: ValueOptions): ValueOptions {
    return { ...this.values, ...options };
  }

  private dropMemory(tableId: number | undefined): void {
    if (tableId !== undefined) this.engine.tables.drop(tableId);
  }

  private checkOpen(): void {
    if (this.closed) throw new QueryError("closed", "the connection is closed");
  }
}

/** A statement parsed once, to be run with different parameters. */
export interface PreparedStatement<T = Row> {
  query(parameters?: Parameters, options?: QueryOptions): Promise<QueryResult<T>>;
  stream(parameters?: Parameters, options?: QueryOptions): AsyncGenerator<RecordBatch>;
}

const collect = async <T>(
  { columns, schema, batches }: BatchStream,
  options: ValueOptions,
): Promise<QueryResult<T>> => {
  const all: RecordBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return new QueryResult<T>(columns, schema, all, options);
};
