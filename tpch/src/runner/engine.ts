/** What the runner needs of an SQL engine. */
export interface Engine {
  /**
   * Row values are null, number (integers up to 32 bits, doubles), bigint (wider integers), string (text, exact
   * decimals, dates as `YYYY-MM-DD`) or boolean.
   */
  query(sql: string, signal?: AbortSignal): Promise<{ columns: string[]; rows: unknown[][] }>;
  close(): Promise<void>;
  /** How many nodes answer; 1 when absent. */
  readonly nodes?: number;
}

export interface OpenEngineOptions {
  /** The directory of the data. */
  readonly directory: string;
  /** For every table, the glob of its Parquet files. */
  readonly tables: Record<string, string>;
  readonly threads?: number;
  /** The address of a cluster to ask, instead of an engine in this process. */
  readonly connect?: string;
}

/** Opens an engine on which the eight tables can be queried by name. */
export type OpenEngine = (options: OpenEngineOptions) => Promise<Engine>;
