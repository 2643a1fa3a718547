/** What a cluster did for one query. */
export interface ClusterFigures {
  /** Rows on their way between nodes, as they were sent. */
  readonly bytesBetweenNodes: number;
  /** Parts of files that were read, and how many of them by a node that owns the file. */
  readonly splits: number;
  readonly splitsByOwners: number;
  /** Pieces of work that had to be done again. */
  readonly retries: number;
}

export interface EngineAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly cluster?: ClusterFigures;
}

/** Nodes that the engine has started and can end. Counted from 0. */
export interface EngineNodes {
  readonly count: number;
  readonly threadsPerNode: number;
  /** At once, as a power cut would. */
  kill(node: number): Promise<void>;
  /** Resolves when the node is part of the cluster again. */
  restart(node: number): Promise<void>;
}

/** What the runner needs of an SQL engine. */
export interface Engine {
  /**
   * Row values are null, number (integers up to 32 bits, doubles), bigint (wider integers), string (text, exact
   * decimals, dates as `YYYY-MM-DD`) or boolean.
   */
  query(sql: string, signal?: AbortSignal): Promise<EngineAnswer>;
  close(): Promise<void>;
  /** Of a cluster that was started for the run; absent for an engine in this process. */
  readonly nodes?: EngineNodes;
}

export interface OpenEngineOptions {
  /** The directory of the data. */
  readonly directory: string;
  /** For every table, the glob of its Parquet files. */
  readonly tables: Record<string, string>;
  readonly threads?: number;
  /** What a query may use, as `512MB`. */
  readonly memoryLimit?: string;
  /** Where queries put rows that find no room in memory. */
  readonly tempDirectory?: string;
  /** The address of a cluster to ask, instead of an engine in this process. */
  readonly connect?: string;
  /** Start so many nodes on this machine, and load the tables into them. */
  readonly cluster?: number;
  /** How far the tables are loaded: 0 … 1. */
  readonly onLoad?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** Opens an engine on which the eight tables can be queried by name. */
export type OpenEngine = (options: OpenEngineOptions) => Promise<Engine>;
