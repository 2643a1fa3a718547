import { availableParallelism } from "node:os";
import { type PhysicalPlan, QueryError, type Table } from "@headcut/plan";
import { type ColumnCacheStatistics, createColumnCache } from "./column-cache/column-cache.ts";
import { createFiles } from "./io/files.ts";
import type { ObjectStoreStatistics } from "./io/s3/object-store.ts";
import { openStore, type StoreOptions } from "./io/s3/open-store.ts";
import type { CheckWanted } from "./io/while-wanted.ts";
import { createHeap } from "./memory/heap.ts";
import { type OpenParquetOptions, openParquetFile, type ParquetFileInfo } from "./parquet/open-file.ts";
import { openParquetTable } from "./parquet/open-table.ts";
import { compileQuery } from "./pipelines/compile-query.ts";
import { rebindScans } from "./pipelines/rebind-scans.ts";
import { rememberCompiled } from "./pipelines/remember-compiled.ts";
import type { EncodedBatch } from "./results/encoded-batch.ts";
import { type QueryRun, queryRun } from "./results/query-run.ts";
import { MAX_THREADS } from "./run/control-block.ts";
import { type Execution, type ExecutionParts, startExecution } from "./run/execution.ts";
import { createInlineRunner } from "./run/inline-runner.ts";
import { createInstanceCache } from "./run/instance-cache.ts";
import { isSmall } from "./run/is-small.ts";
import { createModuleCache } from "./run/module-cache.ts";
import { operatorNames } from "./run/operator-names.ts";
import { createPlanScan } from "./run/plan-scan.ts";
import { spillPolicy } from "./spill/choose-spilling.ts";
import { createSpillFolder, defaultSpillDirectory } from "./spill/spill-folder.ts";
import { createFeeds } from "./streams/create-feeds.ts";
import { createTableStore, type TableStore } from "./tables/table-store.ts";
import { createThreadPool } from "./threads/pool.ts";
import { createReadServer } from "./threads/read-server.ts";

export interface EngineOptions extends StoreOptions {
  /** Worker threads; by default one per core. */
  readonly threads?: number;
  /** Of all queries and in-memory tables together; by default, and at most, just below 4 GiB. */
  readonly memoryLimitBytes?: number;
  /** What one query may use of it at most; by default all. */
  readonly queryMemoryLimitBytes?: number;
  /**
   * How much of that memory decoded columns of Parquet files may take, for scans to come; queries that need it get it back. By
   * default a quarter; 0: none.
   */
  readonly columnCacheBytes?: number;
  /** Where queries put rows that find no room in memory; by default `headcut-spill` in the system's directory for temporary files. */
  readonly spillDirectory?: string;
  /** Bytes that all queries may have there at a time; by default as many as the disk has. */
  readonly spillLimitBytes?: number;
  /** Where queries run: small ones on the calling thread (auto), or all of them on the one or on workers. */
  readonly placement?: "auto" | "inline" | "threads";
}

export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Until the last row has been made; QueryError "timeout". */
  readonly timeoutMs?: number | undefined;
  /** When that time began, as `performance.now()` has it; by default with the call of `execute`. */
  readonly startedMs?: number | undefined;
  /** What this query may use of the engine's memory; QueryError "out-of-memory" names the operator that wanted more. */
  readonly memoryLimitBytes?: number | undefined;
  /** The fraction (0 … 1) of the tables' parts that were read, every 100 ms. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Whether what is fetched or decoded for the query is kept for later ones; default true. */
  readonly fillCache?: boolean | undefined;
  /**
   * A plan that differs from the one to be executed in what its scans read (`source`, `rowCount`), and in nothing else. Code is generated
   * once for it, however many plans like it are executed.
   */
  readonly template?: PhysicalPlan | undefined;
}

export interface Engine {
  readonly threads: number;
  readonly tables: TableStore;
  /** Bytes of shared memory that no query and no table holds; what the column cache has counts as free. */
  freeBytes(): number;
  readonly columnCache: {
    statistics(): ColumnCacheStatistics;
    /** Forgets what no query is reading. */
    clear(): void;
  };
  /** As the functions of these names, also of objects. */
  openParquetTable(name: string, paths: readonly string[], checkWanted?: CheckWanted): Promise<Table>;
  openParquetFile(
    path: string,
    identity?: string,
    options?: Omit<OpenParquetOptions, "files">,
  ): Promise<ParquetFileInfo>;
  /** Queries at work, those that wait for threads among them. */
  running(): number;
  /** What was asked of the object store. */
  objectStore(): ObjectStoreStatistics;
  /** Starts the query; what goes wrong is thrown when the run is read. `names`: of the result's columns. */
  execute(plan: PhysicalPlan, names: readonly string[], options?: ExecuteOptions): QueryRun;
  /** Starts the workers ahead of the first query that needs them. */
  warmUp(): void;
  /** Cancels what runs, drops the tables, ends the workers. */
  close(): Promise<void>;
}

const DEFAULT_CACHE_PART = 1 / 4;

/** Throws QueryError "out-of-memory" when the system refuses the address space, "invalid-argument". */
export const openEngine = (options: EngineOptions = {}): Engine => {
  const threads = options.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new QueryError("invalid-argument", `threads must be a whole number from 1 to ${MAX_THREADS}, not ${threads}`);
  }
  if (!((options.columnCacheBytes ?? 0) >= 0)) {
    throw new QueryError(
      "invalid-argument",
      `columnCacheBytes must be a number from 0 on, not ${options.columnCacheBytes}`,
    );
  }
  if (!((options.spillLimitBytes ?? 0) >= 0)) {
    throw new QueryError(
      "invalid-argument",
      `spillLimitBytes must be a number from 0 on, not ${options.spillLimitBytes}`,
    );
  }
  if (!((options.queryMemoryLimitBytes ?? 1) > 0)) {
    throw new QueryError(
      "invalid-argument",
      `queryMemoryLimitBytes must be a positive number of bytes, not ${options.queryMemoryLimitBytes}`,
    );
  }
  const store = openStore(options);
  const files = createFiles(store);
  const heap = createHeap(options.memoryLimitBytes);
  const spill = createSpillFolder(
    options.spillDirectory ?? defaultSpillDirectory(),
    options.spillLimitBytes ?? Number.POSITIVE_INFINITY,
  );
  const tables = createTableStore(heap);
  const memoryBytes = heap.memory.bytes.length;
  const queryBytes = Math.min(options.queryMemoryLimitBytes ?? memoryBytes, memoryBytes);
  const cacheBytes = Math.floor(Math.min(options.columnCacheBytes ?? memoryBytes * DEFAULT_CACHE_PART, memoryBytes));
  const cache = createColumnCache(heap, cacheBytes);
  const listeners = new Map<number, (batch: EncodedBatch) => void>();
  const deliver = (queryId: number, batch: EncodedBatch): void => listeners.get(queryId)?.(batch);
  const feeds = createFeeds(heap);
  const reads = createReadServer(files, heap.memory);
  const pool = createThreadPool(heap, threads, deliver, undefined, { reads, feeds });
  const inline = createInlineRunner({
    heap,
    instances: createInstanceCache(heap),
    post: deliver,
    attend: feeds.attend,
    openFar: files.readFar,
  });
  const parts: Omit<ExecutionParts, "runner"> = {
    heap,
    modules: createModuleCache(),
    spill,
    planScan: createPlanScan(tables, feeds, cacheBytes > 0 ? cache : undefined, files),
    listen: (queryId, push) => {
      listeners.set(queryId, push);
      return () => listeners.delete(queryId);
    },
  };
  const compile = rememberCompiled(compileQuery);
  const placement = options.placement ?? "auto";
  const running = new Set<Execution>();
  let closed = false;

  return {
    threads,
    tables,
    freeBytes: () => Number(heap.kernels.heapFreeBytes()) + cache.heldBytes(),
    columnCache: cache,
    openParquetTable: (name, paths, checkWanted) => openParquetTable(name, paths, checkWanted, files),
    openParquetFile: (path, identity, open) => openParquetFile(path, identity, { ...open, files }),
    running: () => running.size,
    objectStore: store.statistics,
    warmUp: pool.warmUp,
    execute: (plan, names, { memoryLimitBytes, template, ...rest } = {}) => {
      if (closed) throw new QueryError("closed", "the engine is closed");
      const onThreads = placement === "threads" || (placement === "auto" && !isSmall(plan));
      if (onThreads) pool.warmUp();
      const limitBytes = Math.min(memoryLimitBytes ?? queryBytes, queryBytes);
      const execution = startExecution(
        { ...parts, runner: onThreads ? pool : inline },
        ({ spilling, sorting }) => {
          if (spilling.size > 0) return compileQuery(plan, names, spilling, sorting);
          return template === undefined ? compile(plan, names) : rebindScans(compile(template, names), plan);
        },
        { limitBytes, spilling: spillPolicy(plan, limitBytes), ...rest, operatorNames: operatorNames(plan) },
      );
      running.add(execution);
      const forget = (): void => {
        running.delete(execution);
      };
      execution.metrics.then(forget, forget);
      return queryRun(
        execution,
        plan.columns.map(({ name, type, nullable }, i) => ({ name: names[i] ?? name, type, nullable })),
      );
    },
    close: async () => {
      closed = true;
      await Promise.all([...running].map((execution) => execution.cancel()));
      tables.dropAll();
      await pool.close();
      await files.close();
      cache.close();
      spill.close();
    },
  };
};
