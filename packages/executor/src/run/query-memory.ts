import { QueryError } from "@headcut/plan";
import { arenaBlock, queryBlock, threadContext } from "../layout/context.ts";
import { engineFull } from "../memory/engine-full.ts";
import type { Heap } from "../memory/heap.ts";
import type { CompiledQuery } from "../pipelines/compiled-pipeline.ts";
import { initializeResultBuffer, resultLayout } from "../results/result-layout.ts";
import { controlBlock } from "./control-block.ts";
import type { QueryAddresses } from "./query-task.ts";

/** The blocks of one query in shared memory, from its start to its end. */
export interface QueryMemory {
  readonly addresses: (thread: number) => QueryAddresses;
  /** Address of a pipeline's context of a thread. */
  readonly context: (pipeline: number, thread: number) => number;
  /** Bytes of slabs that are charged to the query now. */
  readonly usedBytes: () => number;
  /** Bytes of slabs that the query had at its peak. */
  readonly peakBytes: () => number;
  /** Rows that have left each operator so far, by operatorId. */
  readonly operatorRows: () => number[];
  /** Sets a u32 of the states block. */
  readonly setState: (offset: number, value: number) => void;
  /** Morsels or tasks that were claimed of a step. */
  readonly claimed: (step: number) => number;
  /** u64 at this offset in the states block. */
  readonly wideState: (offset: number) => number;
  /** u32 at this offset in the states block. */
  readonly state: (offset: number) => number;
  /** Gives back everything that is charged to the query. Once, after its threads have stopped. */
  readonly free: () => void;
}

/** Throws QueryError "out-of-memory". */
export const allocateQueryMemory = (
  heap: Heap,
  compiled: CompiledQuery,
  threads: number,
  limitBytes: number,
): QueryMemory => {
  const { memory, kernels } = heap;
  const place = placer();
  const query = place(queryBlock.bytes);
  const control = place(controlBlock.bytes);
  const counters = place(4 * compiled.pipelines.reduce((sum, { phases }) => sum + phases.length, 0));
  const rowCounts = perThread(threads, () => place(8 * compiled.operatorCount));
  const arenaCount = 3 + compiled.arenas;
  const arenas = perThread(threads, () => place(arenaCount * arenaBlock.bytes));
  const contexts = compiled.pipelines.map(({ threadLocalBytes }) =>
    perThread(threads, () => place(threadContext.local + threadLocalBytes)),
  );
  const states = place(compiled.statesBytes);
  const constants = compiled.pipelines.map(({ constants: { bytes } }) => place(bytes.length));
  const blockBytes = place(0);

  // Not charged to the query: its own account lies in it.
  const base = kernels.slabAllocate(0, blockBytes) >>> 0;
  if (base === 0) {
    throw engineFull(new QueryError("out-of-memory", "the engine's memory is exhausted: no room for another query"));
  }
  memory.bytes.fill(0, base, base + blockBytes);
  memory.u64[(base + query + queryBlock.limitBytes) >>> 3] = BigInt(limitBytes);
  const free = (): void => {
    kernels.slabFreeAll(base + query);
    kernels.slabFree(0, base);
  };

  compiled.pipelines.forEach(({ constants: { bytes, relocations } }, i) => {
    const at = base + constants[i]!;
    memory.bytes.set(bytes, at);
    for (const offset of relocations) {
      memory.view.setUint32(at + offset, memory.view.getUint32(at + offset, true) + at, true);
    }
  });

  const layout = resultLayout(compiled.result, limitBytes);
  const results = perThread(threads, () => kernels.slabAllocate(base + query, layout.bytes) >>> 0);
  if (results.includes(0)) {
    free();
    throw new QueryError("out-of-memory", "the result needs more memory than the query may use", {
      hint: `the limit is ${limitBytes} bytes`,
    });
  }

  for (let thread = 0; thread < threads; thread++) {
    initializeResultBuffer(memory, results[thread]!, layout);
    const arena = base + arenas[thread]!;
    for (let i = 0; i < arenaCount; i++) kernels.arenaInitialize(arena + i * arenaBlock.bytes, base + query);
    compiled.pipelines.forEach((one, pipeline) => {
      const own = one.arena === 0 ? arena : arena + (2 + one.arena) * arenaBlock.bytes;
      const fields: [number, number][] = [
        [threadContext.query, base + query],
        [threadContext.states, base + states],
        [threadContext.constants, base + constants[pipeline]!],
        [threadContext.threadIndex, thread],
        [threadContext.threadCount, threads],
        [threadContext.arena, own],
        [threadContext.keep, arena],
        [threadContext.scratch, arena + arenaBlock.bytes],
        [threadContext.rowCounts, base + rowCounts[thread]!],
        [threadContext.results, results[thread]!],
      ];
      for (const [offset, value] of fields) memory.u32[(base + contexts[pipeline]![thread]! + offset) >>> 2] = value;
    });
  }

  return {
    addresses: (thread) => ({
      query: base + query,
      control: base + control,
      counters: base + counters,
      states: base + states,
      results: results[thread]!,
      resultStrings: base + arenas[thread]! + 2 * arenaBlock.bytes,
    }),
    context: (pipeline, thread) => base + contexts[pipeline]![thread]!,
    usedBytes: () => Number(memory.u64[(base + query + queryBlock.usedBytes) >>> 3]!),
    peakBytes: () => Number(memory.u64[(base + query + queryBlock.peakBytes) >>> 3]!) + kernels.slabBytes(blockBytes),
    operatorRows: () =>
      Array.from({ length: compiled.operatorCount }, (_, operatorId) =>
        rowCounts.reduce((sum, counts) => sum + Number(memory.u64[((base + counts) >>> 3) + operatorId]!), 0),
      ),
    wideState: (offset) => Number(memory.u64[(base + states + offset) >>> 3]!),
    state: (offset) => memory.u32[(base + states + offset) >>> 2]!,
    setState: (offset, value) => {
      memory.u32[(base + states + offset) >>> 2] = value;
    },
    claimed: (step) => memory.u32[((base + counters) >>> 2) + step]!,
    free,
  };
};

/** Two cache lines, which processors fetch together: what one thread writes slows no other down. */
const BLOCK_ALIGNMENT = 128;

/** Hands out offsets, one block after another. */
const placer = (): ((bytes: number) => number) => {
  let next = 0;
  return (bytes) => {
    const offset = next;
    next += (bytes + BLOCK_ALIGNMENT - 1) & -BLOCK_ALIGNMENT;
    return offset;
  };
};

const perThread = <T>(threads: number, make: (thread: number) => T): T[] =>
  Array.from({ length: threads }, (_, i) => make(i));
