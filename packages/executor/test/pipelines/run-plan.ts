import { type PhysicalPlan, QueryError, type Value } from "@headcut/plan";
import { writeConstant } from "../../src/expressions/constants-block.ts";
import { instantiateKernels, kernelsModule } from "../../src/kernels/load.ts";
import { COLUMN_ENTRY_BYTES, columnEntry } from "../../src/layout/batch.ts";
import { arenaBlock, queryBlock, threadContext } from "../../src/layout/context.ts";
import { RESULT_COLUMN_BYTES, resultBuffer, resultColumn } from "../../src/layout/result-buffer.ts";
import { storageLayout, storageOf } from "../../src/layout/storage.ts";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import { createHostArena } from "../../src/memory/host-arena.ts";
import { compileQuery } from "../../src/pipelines/compile-query.ts";
import type { CompiledPipeline, CompiledQuery } from "../../src/pipelines/compiled-pipeline.ts";
import { kernelTable } from "../../src/pipelines/kernel-table.ts";
import { rowListHead, rowSegment } from "../../src/pipelines/row-list.ts";
import { raisedError } from "../../src/run/raised-error.ts";
import { decodeValue } from "./decode-value.ts";
import type { TestTable } from "./plan-builder.ts";

export interface RunOptions {
  readonly threads?: number;
  /** Rows of a batch. */
  readonly batchRows?: number;
  /**
   * Which columns come as dictionary codes: those of text with a dictionary for each batch, or those of every type, as in a column
   * chunk that ran out of dictionary: two batches share a dictionary and the next one is plain.
   */
  readonly dictionaries?: "text" | "chunks";
  readonly limitBytes?: number;
  /** The query is told to stop before it starts. */
  readonly cancelled?: boolean;
}

export interface RunResult {
  readonly rows: Value[][];
  /** Rows that left each operator, of all threads. */
  readonly rowCounts: number[];
  /** Bytes of each pipeline's module. */
  readonly moduleBytes: number[];
}

const MIB = 1 << 20;
let heap: Heap | undefined;

/**
 * Runs a plan on as many threads as asked for, all played by this one: batches and tasks are dealt out in turn, so
 * what threads do is the same in every run.
 */
export const runPlan = (plan: PhysicalPlan, tables: readonly TestTable[], options: RunOptions = {}): RunResult => {
  heap ??= createHeap(1536 * MIB);
  return runQuery(heap, compileQuery(plan, []), tables, options);
};

/** The lowest addresses hold nothing: a write there went through an address that was never set. */
const UNUSED_BYTES = 4096;

const checkLowMemory = ({ memory: { bytes } }: Heap): void => {
  const at = bytes.subarray(0, UNUSED_BYTES).findIndex((byte) => byte !== 0);
  if (at !== -1) throw new Error(`something was written to address ${at}`);
};

const runQuery = (
  heap: Heap,
  compiled: CompiledQuery,
  tables: readonly TestTable[],
  options: RunOptions,
): RunResult => {
  const { memory } = heap;
  const { threads: threadCount = 1, limitBytes = 1024 * MIB } = options;
  checkLowMemory(heap);
  const blocks = createHostArena(heap, "the test");
  const allocate = (bytes: number): number => {
    const address = blocks.allocate(bytes);
    memory.bytes.fill(0, address, address + bytes);
    return address;
  };
  const query = allocate(queryBlock.bytes);
  memory.view.setBigUint64(query + queryBlock.limitBytes, BigInt(limitBytes), true);
  memory.u32[(query + queryBlock.cancel) >>> 2] = options.cancelled === true ? 1 : 0;
  const states = allocate(compiled.statesBytes);
  const rows: Value[][] = [];
  const threads = Array.from({ length: threadCount }, (_, threadIndex) => {
    const [arena, scratch] = [allocate(arenaBlock.bytes), allocate(arenaBlock.bytes)];
    for (const block of [arena, scratch]) heap.kernels.arenaInitialize(block, query);
    return {
      threadIndex,
      arena,
      scratch,
      rowCounts: allocate(8 * compiled.operatorCount),
      results: resultBlock(heap, compiled, allocate),
      kernels: instantiateKernels(kernelsModule(), memory.memory),
    };
  });
  try {
    for (const pipeline of compiled.pipelines) {
      const constants = allocate(pipeline.constants.bytes.length + 16);
      memory.bytes.set(pipeline.constants.bytes, constants);
      for (const offset of pipeline.constants.relocations) memory.u32[(constants + offset) >>> 2]! += constants;
      const module = new WebAssembly.Module(pipeline.wasm);
      const instances = threads.map((thread) => {
        const context = allocate(threadContext.local + pipeline.threadLocalBytes);
        const fields: Partial<Record<keyof typeof threadContext, number>> = {
          ...{ query, states, constants, threadCount },
          ...{ threadIndex: thread.threadIndex, arena: thread.arena, keep: thread.arena, scratch: thread.scratch },
          ...{ rowCounts: thread.rowCounts, results: thread.results },
        };
        for (const [name, value] of Object.entries(fields)) {
          memory.u32[(context + threadContext[name as keyof typeof threadContext]) >>> 2] = value;
        }
        const { exports } = new WebAssembly.Instance(module, {
          env: { memory: memory.memory, table: kernelTable(thread.kernels) },
          kernels: thread.kernels as unknown as Record<string, unknown>,
          host: {
            emit: () => takeRows(heap, compiled, thread.results, rows),
            raise: (code: number, detail: number) => {
              throw raisedError(code, detail, pipeline.messages, memory, query);
            },
          },
        });
        const call = (name: string, ...args: number[]): number =>
          (exports[name] as (...args: number[]) => number)(...args);
        return { context, call, thread };
      });
      runPhases(heap, pipeline, instances, states, tables, options, allocate);
      for (const { results } of threads) takeRows(heap, compiled, results, rows);
    }
    checkLowMemory(heap);
    return {
      rows,
      rowCounts: Array.from({ length: compiled.operatorCount }, (_, id) =>
        threads.reduce((sum, { rowCounts }) => sum + Number(memory.u64[(rowCounts >>> 3) + id]), 0),
      ),
      moduleBytes: compiled.pipelines.map(({ wasm }) => wasm.length),
    };
  } finally {
    for (const { arena, scratch } of threads) {
      heap.kernels.arenaFree(arena);
      heap.kernels.arenaFree(scratch);
    }
    blocks.free();
  }
};

interface ThreadInstance {
  readonly context: number;
  readonly call: (name: string, ...args: number[]) => number;
  readonly thread: { readonly scratch: number };
}

const runPhases = (
  heap: Heap,
  pipeline: CompiledPipeline,
  instances: readonly ThreadInstance[],
  states: number,
  tables: readonly TestTable[],
  options: RunOptions,
  allocate: (bytes: number) => number,
): void => {
  const { memory } = heap;
  for (const phase of pipeline.phases) {
    switch (phase.kind) {
      case "once":
        instances[0]!.call(phase.function, instances[0]!.context, 0);
        break;
      case "perThread":
        for (const { call, context } of instances) call(phase.function, context, 0);
        break;
      case "tasks": {
        const count = memory.u32[(states + phase.countOffset) >>> 2]!;
        for (let task = 0; task < count; task++) {
          const { call, context } = instances[task % instances.length]!;
          call(phase.function, context, task);
        }
        break;
      }
      case "source": {
        let turn = 0;
        const process = (batch: number, selection: number, count: number): boolean => {
          const { call, context, thread } = instances[phase.ordered ? 0 : turn++ % instances.length]!;
          heap.kernels.arenaReset(thread.scratch);
          return call(phase.function, context, batch, selection, count) !== 0;
        };
        runSource(heap, pipeline, instances[0]!, states, tables, options, allocate, process);
      }
    }
  }
};

const runSource = (
  heap: Heap,
  { source }: CompiledPipeline,
  first: ThreadInstance,
  states: number,
  tables: readonly TestTable[],
  { batchRows = 4096, dictionaries }: RunOptions,
  allocate: (bytes: number) => number,
  process: (batch: number, selection: number, count: number) => boolean,
): void => {
  const { u32 } = heap.memory;
  switch (source.kind) {
    case "none":
      process(0, 0, 1);
      return;
    case "rows": {
      const head = states + source.listOffset;
      const segments = u32[(head + rowListHead.segments) >>> 2]!;
      const count = u32[(head + rowListHead.segmentCount) >>> 2]!;
      for (let i = 0; i < count; i++) {
        const at = (segments + i * rowSegment.bytes) >>> 2;
        if (process(u32[at]!, u32[at + 1]!, u32[at + 2]!)) return;
      }
      return;
    }
    case "scan": {
      const table = tables.find((one) => one.table === source.table)!;
      for (let start = 0; start < table.table.rowCount; start += batchRows) {
        const rowCount = Math.min(batchRows, table.table.rowCount - start);
        const batch = allocate(Math.max(1, source.columns.length) * COLUMN_ENTRY_BYTES);
        source.columns.forEach((column, i) => {
          const all = table.values[column.index]!;
          const values = all.slice(start, start + rowCount);
          const number = Math.floor(start / batchRows);
          const chunk = Math.floor(number / 3) * 3 * batchRows;
          const entry = batch + i * COLUMN_ENTRY_BYTES;
          if (dictionaries === "text" && storageOf(column.type) === "string")
            writeColumn(heap, entry, column, values, { values, id: number + 1 }, allocate);
          else if (dictionaries === "chunks" && number % 3 < 2)
            writeColumn(
              heap,
              entry,
              column,
              values,
              { values: all.slice(chunk, chunk + 2 * batchRows), id: chunk + 1 },
              allocate,
            );
          else writeColumn(heap, entry, column, values, undefined, allocate);
        });
        let [selection, count] = [0, rowCount];
        for (const filter of source.filters) {
          const out = allocate(rowCount * 4);
          count = first.call(filter.function, batch, selection, count, out, first.context);
          selection = out;
        }
        if (count > 0 && process(batch, selection, count)) return;
      }
    }
  }
};

const writeColumn = (
  heap: Heap,
  entry: number,
  { type, nullable }: { readonly type: TestTable["table"]["columns"][number]["type"]; readonly nullable: boolean },
  values: readonly Value[],
  dictionary: { readonly values: readonly Value[]; readonly id: number } | undefined,
  allocate: (bytes: number) => number,
): void => {
  const { memory } = heap;
  const set = (field: keyof typeof columnEntry, value: number): void => {
    memory.u32[(entry + columnEntry[field]) >>> 2] = value;
  };
  const storage = storageOf(type);
  const { bytes } = storageLayout[storage];
  const write = (list: readonly Value[]): number => {
    const address = allocate(Math.max(16, list.length * bytes));
    list.forEach((value, i) => {
      const at = address + i * bytes;
      if (value === null) return;
      if (storage !== "string") {
        writeConstant(type, value, memory.view, at);
        return;
      }
      const text = typeof value === "string" ? new TextEncoder().encode(value) : (value as Uint8Array);
      const tail = text.length === 0 ? 8 : allocate(text.length);
      memory.bytes.set(text, tail);
      memory.u32[at >>> 2] = tail;
      memory.u32[(at >>> 2) + 1] = text.length;
    });
    return address;
  };
  if (dictionary !== undefined) {
    const distinct = [...new Set(dictionary.values.filter((value) => value !== null))];
    const codeOf = new Map<Value, number>(distinct.map((value, code) => [value, code]));
    const codes = allocate(values.length * 4);
    values.forEach((value, i) => {
      memory.u32[(codes >>> 2) + i] = codeOf.get(value) ?? 0;
    });
    set("codes", codes);
    set("dictionary", write(distinct));
    set("dictionaryCount", distinct.length);
    set("dictionaryId", dictionary.id);
  } else {
    set("values", write(values));
  }
  if (nullable && values.includes(null)) {
    const valid = allocate(values.length);
    values.forEach((value, i) => {
      memory.bytes[valid + i] = value === null ? 0 : 1;
    });
    set("valid", valid);
  }
};

const resultBlock = (heap: Heap, { result }: CompiledQuery, allocate: (bytes: number) => number): number => {
  const capacity = 7;
  const { u32 } = heap.memory;
  const block = allocate(resultBuffer.columns + result.length * RESULT_COLUMN_BYTES);
  u32[(block + resultBuffer.capacity) >>> 2] = capacity;
  result.forEach(({ type, nullable }, i) => {
    const entry = block + resultBuffer.columns + i * RESULT_COLUMN_BYTES;
    u32[(entry + resultColumn.values) >>> 2] = allocate(capacity * storageLayout[storageOf(type)].bytes);
    if (nullable) u32[(entry + resultColumn.valid) >>> 2] = allocate(capacity);
  });
  return block;
};

const takeRows = (heap: Heap, { result }: CompiledQuery, block: number, rows: Value[][]): void => {
  const { u32, bytes, view } = heap.memory;
  const count = u32[block >>> 2]!;
  for (let row = 0; row < count; row++) {
    rows.push(
      result.map(({ type }, i) => {
        const entry = (block + resultBuffer.columns + i * RESULT_COLUMN_BYTES) >>> 2;
        const valid = u32[entry + 1]!;
        if (valid !== 0 && bytes[valid + row] === 0) return null;
        return decodeValue(type, view, u32[entry]! + row * storageLayout[storageOf(type)].bytes);
      }),
    );
  }
  u32[block >>> 2] = 0;
};

/** The code of the QueryError that the function throws. */
export const errorCode = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof QueryError) return error.code;
    return error instanceof Error ? error.constructor.name : "unknown";
  }
  return "none";
};
