import { type Engine, openParquetTable } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { parse, type Statement } from "@headcut/planner";
import type { RecordBatch } from "apache-arrow";
import type { BatchStream } from "./batch-stream.ts";
import { Catalog } from "./catalog.ts";
import { checkParameters } from "./check-parameters.ts";
import { bindParameters, type Parameters } from "./parameters.ts";
import { registerArrow } from "./register-arrow.ts";
import type { ValueOptions } from "./result/javascript-values.ts";
import { collectResult, type QueryResult, type Row } from "./result/query-result.ts";
import { progressOf, runOptions } from "./run-options.ts";
import { runStatement } from "./statements/run-statement.ts";
import type { RunOptions, StatementContext } from "./statements/statement-context.ts";
import { classifySource, type TableSource } from "./table-source.ts";

/** How one call runs its statements, and how its result's values appear in JavaScript. */
export type QueryOptions = RunOptions & ValueOptions;

export interface ExplainOptions extends RunOptions {
  /** Run the query, and show what happened beside the plan. */
  readonly analyze?: boolean;
  /** Default "text". */
  readonly format?: "text" | "json";
  readonly parameters?: Parameters;
}

/** A statement parsed once, to be run with different parameters. It needs no closing. */
export interface PreparedStatement<T = Row> {
  /** As `Connection.query`. */
  query(parameters?: Parameters, options?: QueryOptions): Promise<QueryResult<T>>;
  /** As `Connection.stream`. */
  stream(parameters?: Parameters, options?: RunOptions): AsyncGenerator<RecordBatch>;
}

/**
 * A session with an engine: its tables, and the statements run on it, several at a time if the caller likes. What the user
 * can act on is thrown as a `QueryError`; calls on a closed connection throw its code "closed".
 */
export class Connection implements AsyncDisposable {
  private readonly engine: Engine;
  private readonly catalog: Catalog;
  private readonly defaults: QueryOptions;
  /** Statements that have not given their result yet; `close` waits for them. */
  private readonly starting = new Set<Promise<BatchStream>>();
  private closing: Promise<void> | undefined;

  /** Use `connect()`. */
  constructor(engine: Engine, defaults: QueryOptions) {
    this.engine = engine;
    this.defaults = defaults;
    this.catalog = new Catalog({
      openParquetTable,
      memoryTable: (name, tableId) => engine.tables.get(tableId, name).describe(),
    });
  }

  /**
   * Makes a name a table: Parquet files by path or glob (one or several), looked up anew by every statement; or Arrow data, a
   * table or record batches, whose values are copied. A name that is taken is taken over.
   * Throws QueryError "io", "corrupt-file", "type-mismatch", "unsupported", "invalid-argument", "out-of-memory".
   */
  async register(name: string, source: TableSource): Promise<void> {
    this.checkOpen();
    const classified = classifySource(name, source);
    if (classified.kind === "parquet") {
      const paths = [...classified.paths];
      await openParquetTable(name, paths); // A bad file is reported here, not by the first query.
      this.checkOpen();
      this.unregister(name);
      this.catalog.addParquet(name, paths);
    } else {
      const table = registerArrow(this.engine.tables, name, classified.data);
      this.unregister(name);
      this.catalog.addMemory(name, table.tableId);
    }
  }

  /** Forgets a name; files are left alone. False when there was none. */
  unregister(name: string): boolean {
    const known = this.catalog.has(name);
    const tableId = this.catalog.remove(name);
    if (tableId !== undefined) this.engine.tables.drop(tableId);
    return known;
  }

  /** Names of all tables, sorted. */
  tables(): string[] {
    return this.catalog.names();
  }

  /** Bytes of the engine's memory that no query and no in-memory table holds. */
  freeBytes(): number {
    return this.engine.freeBytes();
  }

  /** Runs the statements one after the other and returns the last one's whole result. Throws QueryError. */
  async query<T = Row>(sql: string, parameters?: Parameters, options: QueryOptions = {}): Promise<QueryResult<T>> {
    return this.collectLast<T>(this.parse(sql), parameters, options);
  }

  /**
   * The result of one statement as it is made, in Arrow record batches; no batch for no rows. The statement starts with the
   * first `next()`, waits for a slow reader, and ends when the loop is left.
   */
  async *stream(sql: string, parameters?: Parameters, options: RunOptions = {}): AsyncGenerator<RecordBatch> {
    for await (const { batches } of this.runAll([this.parseOne(sql)], parameters, options)) yield* batches;
  }

  /** Runs statement after statement. Each result is read before the next is asked for; what is left of it is cancelled then. */
  async *run(sql: string, parameters?: Parameters, options: RunOptions = {}): AsyncGenerator<BatchStream> {
    yield* this.runAll(this.parse(sql), parameters, options);
  }

  /**
   * Parses one statement now; it is bound and planned at each execution, since plans are better when the parameters' values
   * are known. Compiled code is reused. Throws QueryError "syntax".
   */
  async prepare<T = Row>(sql: string): Promise<PreparedStatement<T>> {
    const statements = [this.parseOne(sql)];
    const stream = (parameters?: Parameters, options: RunOptions = {}): AsyncGenerator<BatchStream> =>
      this.runAll(statements, parameters, options);
    return {
      query: (parameters, options = {}) => this.collectLast<T>(statements, parameters, options),
      stream: async function* (parameters, options) {
        for await (const { batches } of stream(parameters, options)) yield* batches;
      },
    };
  }

  /** The plan of one statement as text or JSON; with `analyze` the query is run, and the plan shows what happened. */
  async explain(sql: string, options: ExplainOptions = {}): Promise<string> {
    const { analyze = false, format = "text", parameters, ...rest } = options;
    const statement = this.parseOne(sql);
    const { range } = statement;
    const explained: Statement =
      statement.kind === "explain" ? statement : { kind: "explain", analyze, format, statement, range };
    const result = await this.collectLast([explained], parameters, rest);
    return String(result.toRows()[0]![0]);
  }

  /** Cancels what runs, drops the in-memory tables, ends the threads. May be called twice. */
  close(): Promise<void> {
    this.closing ??= this.engine.close().then(async () => {
      await Promise.allSettled(this.starting);
    });
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private parse(sql: string): readonly Statement[] {
    this.checkOpen();
    return parse(sql);
  }

  private parseOne(sql: string): Statement {
    const statements = this.parse(sql);
    const [statement, second] = statements;
    if (statement === undefined) throw noStatement();
    if (second === undefined) return statement;
    throw new QueryError("syntax", `expected one statement, not ${statements.length}`, { range: second.range });
  }

  private async *runAll(
    statements: readonly Statement[],
    parameters: Parameters = [],
    options: RunOptions,
  ): AsyncGenerator<BatchStream> {
    const { signal, onProgress } = options;
    if (Object.keys(parameters).length > 0) checkParameters(statements, parameters);
    const values = bindParameters(parameters);
    for (const statement of statements) {
      this.checkOpen();
      if (signal?.aborted) throw new QueryError("cancelled", "the query was cancelled", { cause: signal.reason });
      const startedMs = performance.now();
      const { report, done } = progressOf(onProgress);
      const checked = runOptions({ ...this.defaults, ...options }, report);
      const stream = await this.start(statement, values, { ...checked, startedMs });
      try {
        yield { ...stream, batches: readToEnd(stream, done) };
      } finally {
        await stream.cancel();
      }
    }
  }

  private async start(
    statement: Statement,
    parameters: ReturnType<typeof bindParameters>,
    options: StatementContext["options"],
  ): Promise<BatchStream> {
    const { engine, catalog } = this;
    const started = runStatement(statement, { engine, catalog, parameters, options });
    this.starting.add(started);
    try {
      return await started;
    } finally {
      this.starting.delete(started);
    }
  }

  private async collectLast<T = Row>(
    statements: readonly Statement[],
    parameters: Parameters | undefined,
    options: QueryOptions,
  ): Promise<QueryResult<T>> {
    let result: QueryResult<T> | undefined;
    for await (const stream of this.runAll(statements, parameters, options)) {
      result = await collectResult<T>(stream, { ...this.defaults, ...options });
    }
    if (result === undefined) throw noStatement();
    return result;
  }

  private checkOpen(): void {
    if (this.closing !== undefined) throw new QueryError("closed", "the connection is closed");
  }
}

const noStatement = (): QueryError => new QueryError("syntax", "there is no statement to run");

/** The batches, then word that all were read. */
async function* readToEnd({ batches }: BatchStream, done: () => void): AsyncGenerator<RecordBatch> {
  yield* batches;
  done();
}
