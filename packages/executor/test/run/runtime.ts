// Runs compiled queries without a planner or a pipeline compiler: tests of the runtime assemble their pipelines by hand.
import { type Column, int64 } from "@headcut/plan";
import { threadContext } from "../../src/layout/context.ts";
import { resultBuffer } from "../../src/layout/result-buffer.ts";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import type { CompiledPipeline, CompiledQuery, Phase, PipelineSource } from "../../src/pipelines/compiled-pipeline.ts";
import type { EncodedBatch } from "../../src/results/encoded-batch.ts";
import { type Execution, type ExecutionOptions, startExecution } from "../../src/run/execution.ts";
import { createInlineRunner } from "../../src/run/inline-runner.ts";
import { createInstanceCache } from "../../src/run/instance-cache.ts";
import { createModuleCache } from "../../src/run/module-cache.ts";
import { createPlanScan } from "../../src/run/plan-scan.ts";
import type { QueryMetrics } from "../../src/run/query-metrics.ts";
import { createSpillFolder, defaultSpillDirectory } from "../../src/spill/spill-folder.ts";
import { createFeeds } from "../../src/streams/create-feeds.ts";
import { createTableStore, type TableStore } from "../../src/tables/table-store.ts";
import { createThreadPool, type ThreadPool } from "../../src/threads/pool.ts";
import type { FunctionBuilder, Local } from "../../src/wasm/function-builder.ts";
import { ModuleBuilder } from "../../src/wasm/module-builder.ts";

export interface Runtime {
  readonly heap: Heap;
  readonly tables: TableStore;
  readonly pool: ThreadPool;
  readonly start: (compiled: CompiledQuery, options?: Partial<ExecutionOptions>) => Execution;
  readonly run: (
    compiled: CompiledQuery,
    options?: Partial<ExecutionOptions>,
  ) => Promise<{ readonly batches: readonly EncodedBatch[]; readonly metrics: QueryMetrics }>;
  readonly freeBytes: () => bigint;
  readonly close: () => Promise<void>;
}

/** `threads` 0: the calling thread. */
export const openRuntime = (threads: number, memoryBytes = 256 << 20, workerFile?: string): Runtime => {
  const heap = createHeap(memoryBytes);
  const tables = createTableStore(heap);
  const listeners = new Map<number, (batch: EncodedBatch) => void>();
  const deliver = (queryId: number, batch: EncodedBatch): void => listeners.get(queryId)?.(batch);
  const feeds = createFeeds(heap);
  const pool = createThreadPool(heap, Math.max(1, threads), deliver, workerFile, { feeds });
  const runner = threads > 0 ? pool : createInlineRunner({ heap, instances: createInstanceCache(heap), post: deliver });
  const parts = {
    heap,
    runner,
    modules: createModuleCache(),
    spill: createSpillFolder(defaultSpillDirectory(), 0),
    planScan: createPlanScan(tables, feeds),
    listen: (queryId: number, push: (batch: EncodedBatch) => void) => {
      listeners.set(queryId, push);
      return () => listeners.delete(queryId);
    },
  };
  const start: Runtime["start"] = (compiled, options = {}) =>
    startExecution(parts, () => compiled, {
      limitBytes: memoryBytes,
      operatorNames: ["first", "second"],
      spilling: {
        holdsRows: () => false,
        mayStartAgain: false,
        first: (count) => ({
          spilling: new Set(),
          sorting: new Set(),
          threads: count,
          pagesOnDisk: false,
          restarts: 0,
        }),
        next: () => undefined,
      },
      ...options,
    });
  return {
    heap,
    tables,
    pool,
    start,
    run: async (compiled, options) => {
      const execution = start(compiled, options);
      const batches: EncodedBatch[] = [];
      try {
        for (let batch = await execution.next(); batch !== undefined; batch = await execution.next())
          batches.push(batch);
        return { batches, metrics: await execution.metrics };
      } finally {
        await execution.cancel();
      }
    },
    freeBytes: heap.kernels.heapFreeBytes,
    close: () => pool.close(),
  };
};

/** A function of the module under assembly; `emit` gets its parameters. */
type Body = (fn: FunctionBuilder, ...params: Local[]) => void;

export interface PipelineParts {
  readonly name?: string;
  readonly source?: PipelineSource;
  readonly phases: readonly Phase[];
  /** `process` by name, or phase functions, or scan filters. */
  readonly process?: Record<string, Body>;
  readonly functions?: Record<string, Body>;
  readonly filters?: Record<string, Body>;
  readonly threadLocalBytes?: number;
  readonly constants?: CompiledPipeline["constants"];
  readonly messages?: readonly string[];
}

/** A pipeline whose functions are given by their bodies. */
export const pipeline = (parts: PipelineParts): CompiledPipeline => {
  const module = new ModuleBuilder();
  const define = (bodies: Record<string, Body> | undefined, params: number, results: "i32"[]): void => {
    for (const [name, body] of Object.entries(bodies ?? {})) {
      const fn = module.exportFunction(name, Array(params).fill("i32"), results);
      (fn as { module?: ModuleBuilder }).module = module;
      body(fn, ...fn.params);
    }
  };
  define(parts.process, 4, ["i32"]);
  define(parts.functions, 2, []);
  define(parts.filters, 5, ["i32"]);
  return {
    name: parts.name ?? "test",
    operatorIds: [0],
    wasm: module.finish(),
    messages: parts.messages ?? [],
    threadLocalBytes: parts.threadLocalBytes ?? 0,
    constants: parts.constants ?? { bytes: new Uint8Array(16), relocations: [] },
    source: parts.source ?? { kind: "none" },
    arena: 0,
    phases: parts.phases,
  };
};

const RESULT: readonly Column[] = [{ id: 1, name: "n", type: int64, nullable: false }];

export const query = (...pipelines: CompiledPipeline[]): CompiledQuery => ({
  pipelines,
  statesBytes: 64,
  operatorCount: 2,
  result: RESULT,
  arenas: 0,
  spools: [],
  hidden: [],
});

/** The module that a function given to `pipeline` belongs to, for its imports. */
const moduleOf = (fn: FunctionBuilder): ModuleBuilder => (fn as unknown as { module: ModuleBuilder }).module;

export const callImport = (
  fn: FunctionBuilder,
  module: "host" | "kernels",
  name: string,
  params: number,
  result = false,
) => fn.call(moduleOf(fn).import(module, name, Array(params).fill("i32"), result ? ["i32"] : []));

/** Adds `amount` (i32 on the stack when absent) to the u32 at this offset of the states block, atomically. */
export const addToState = (
  fn: FunctionBuilder,
  context: Local,
  offset: number,
  amount: (() => void) | number,
): void => {
  fn.get(context);
  fn.mem("i32.load", threadContext.states);
  if (typeof amount === "number") fn.i32(amount);
  else amount();
  fn.mem("i32.atomic.rmw.add", offset);
  fn.op("drop");
};

/** Appends a row with the i64 that `value` leaves on the stack to the result. */
export const emitResult = (fn: FunctionBuilder, context: Local, value: () => void): void => {
  const results = fn.local("i32");
  const row = fn.local("i32");
  fn.get(context);
  fn.mem("i32.load", threadContext.results);
  fn.tee(results);
  fn.mem("i32.load", resultBuffer.rowCount);
  fn.set(row);
  fn.get(results);
  fn.mem("i32.load", resultBuffer.columns);
  fn.get(row);
  fn.i32(3);
  fn.op("i32.shl");
  fn.op("i32.add");
  value();
  fn.mem("i64.store");
  fn.get(results);
  fn.get(row);
  fn.i32(1);
  fn.op("i32.add");
  fn.tee(row);
  fn.mem("i32.store", resultBuffer.rowCount);
  fn.get(row);
  fn.get(results);
  fn.mem("i32.load", resultBuffer.capacity);
  fn.op("i32.eq");
  fn.if(() => {
    fn.get(context);
    callImport(fn, "host", "emit", 1);
  });
};

/** Pushes the u32 at this offset of the states block as i64. */
export const loadState = (fn: FunctionBuilder, context: Local, offset: number): void => {
  fn.get(context);
  fn.mem("i32.load", threadContext.states);
  fn.mem("i32.atomic.load", offset);
  fn.op("i64.extend_i32_u");
};

/** The int64 values of a result of one column. */
export const int64s = (batches: readonly EncodedBatch[]): bigint[] =>
  batches.flatMap(({ columns, rowCount }) => [
    ...new BigInt64Array(columns[0]!.values.buffer, columns[0]!.values.byteOffset, rowCount),
  ]);
