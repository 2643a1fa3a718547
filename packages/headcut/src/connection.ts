import { type EncodedBatch, prepareArrow } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import type { Statement } from "@headcut/planner";
import type { RecordBatch } from "apache-arrow";
import { type BatchStream, batchStream, recordBatches } from "./batch-stream.ts";
import { checkParameters } from "./check-parameters.ts";
import type { Database } from "./database.ts";
import { bindParameters, type Parameters } from "./parameters.ts";
import type { ValueOptions } from "./result/javascript-values.ts";
import { collectResult, type QueryResult, type Row } from "./result/query-result.ts";
import { progressOf, runOptions } from "./run-options.ts";
import { parseText } from "./statements/parse-text.ts";
import type { RunOptions } from "./statements/statement-context.ts";
import type { StatementResult } from "./statements/statement-result.ts";
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

/** Statements of one text, and their text: their ranges, and those of errors, are of it. */
interface ParsedText {
  readonly sql: string;
  readonly statements: readonly Statement[];
}

/**
 * A session with an engine or a cluster: its tables, and the statements run on it, several at a time if the caller likes. What
 * the user can act on is thrown as a `QueryError`; calls on a closed connection throw its code "closed".
 */
export class Connection implements AsyncDisposable {
  private readonly database: Database;
  private readonly defaults: QueryOptions;
  private closing: Promise<void> | undefined;

  /** Use `connect()`. */
  constructor(database: Database, defaults: QueryOptions) {
    this.database = database;
    this.defaults = defaults;
  }

  /**
   * Makes a name a table: Parquet files by path or glob (one or several), looked up anew by every statement; or Arrow data, a
   * table or record batches, whose values are copied. A name that is taken is taken over.
   * Throws QueryError "io", "corrupt-file", "type-mismatch", "unsupported", "invalid-argument", "out-of-memory".
   */
  async register(name: string, source: TableSource): Promise<void> {
    this.checkOpen();
    await this.database.register(name, classifySource(name, source));
  }

  /** Forgets a name; files are left alone. False when there was none. */
  unregister(name: string): boolean {
    return this.database.unregister(name);
  }

  /** Names of all tables, sorted. */
  tables(): string[] {
    return this.database.tables();
  }

  /** Bytes of the engine's memory that no query and no in-memory table holds. */
  freeBytes(): number {
    return this.database.freeBytes();
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
    for await (const result of this.runAll(this.parseOne(sql), parameters, options)) yield* recordBatches(result);
  }

  /** Runs statement after statement. Each result is read before the next is asked for; what is left of it is cancelled then. */
  async *run(sql: string, parameters?: Parameters, options: RunOptions = {}): AsyncGenerator<BatchStream> {
    for await (const result of this.results(sql, parameters, options)) {
      await prepareArrow();
      yield batchStream(result);
    }
  }

  /** @internal As `run`, for output that needs no Arrow library. */
  results(sql: string, parameters?: Parameters, options: RunOptions = {}): AsyncGenerator<StatementResult> {
    return this.runAll(this.parse(sql), parameters, options);
  }

  /**
   * Parses one statement now; it is bound and planned at each execution, since plans are better when the parameters' values
   * are known. Compiled code is reused. Throws QueryError "syntax".
   */
  async prepare<T = Row>(sql: string): Promise<PreparedStatement<T>> {
    const parsed = this.parseOne(sql);
    const stream = (parameters?: Parameters, options: RunOptions = {}): AsyncGenerator<StatementResult> =>
      this.runAll(parsed, parameters, options);
    return {
      query: (parameters, options = {}) => this.collectLast<T>(parsed, parameters, options),
      stream: async function* (parameters, options) {
        for await (const result of stream(parameters, options)) yield* recordBatches(result);
      },
    };
  }

  /** The plan of one statement as text or JSON; with `analyze` the query is run, and the plan shows what happened. */
  async explain(sql: string, options: ExplainOptions = {}): Promise<string> {
    const { analyze = false, format = "text", parameters, ...rest } = options;
    const statement = this.parseOne(sql).statements[0]!;
    const { range } = statement;
    const explained: Statement =
      statement.kind === "explain" ? statement : { kind: "explain", analyze, format, statement, range };
    const result = await this.collectLast({ sql, statements: [explained] }, parameters, rest);
    return String(result.toRows()[0]![0]);
  }

  /** Cancels what runs, drops the in-memory tables, ends the threads. May be called twice. */
  close(): Promise<void> {
    this.closing ??= this.database.close();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private parse(sql: string): ParsedText {
    this.checkOpen();
    return { sql, statements: parseText(sql) };
  }

  private parseOne(sql: string): ParsedText {
    const parsed = this.parse(sql);
    const { statements } = parsed;
    const [statement, second] = statements;
    if (statement === undefined) throw noStatement();
    if (second === undefined) return parsed;
    throw new QueryError("syntax", `expected one statement, not ${statements.length}`, { range: second.range });
  }

  private async *runAll(
    { sql, statements }: ParsedText,
    parameters: Parameters = [],
    options: RunOptions,
    whole = false,
  ): AsyncGenerator<StatementResult> {
    const { signal, onProgress } = options;
    if (Object.keys(parameters).length > 0) checkParameters(statements, parameters);
    const values = bindParameters(parameters);
    for (const statement of statements) {
      this.checkOpen();
      if (signal?.aborted) throw new QueryError("cancelled", "the query was cancelled", { cause: signal.reason });
      const startedMs = performance.now();
      const { report, done } = progressOf(onProgress);
      const checked = runOptions({ ...this.defaults, ...options }, report);
      const result = await this.database.start({
        statement,
        sql,
        parameters: values,
        options: { ...checked, startedMs },
        whole,
      });
      try {
        yield { ...result, encodedBatches: () => readToEnd(result, done) };
      } finally {
        await result.cancel();
      }
    }
  }

  private async collectLast<T = Row>(
    parsed: ParsedText,
    parameters: Parameters | undefined,
    options: QueryOptions,
  ): Promise<QueryResult<T>> {
    let result: QueryResult<T> | undefined;
    for await (const each of this.runAll(parsed, parameters, options, true)) {
      result = await collectResult<T>(each, { ...this.defaults, ...options });
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
async function* readToEnd(result: StatementResult, done: () => void): AsyncGenerator<EncodedBatch> {
  yield* result.encodedBatches();
  done();
}
