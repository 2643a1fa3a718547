import type { PhysicalSort } from "@headcut/plan";
import { raiseCode } from "../expressions/raise-code.ts";
import { threadContext } from "../layout/context.ts";
import { Code } from "../pipelines/code.ts";
import { countedLoop, pushElement } from "../pipelines/loops.ts";
import type { Consumer, QueryBuilder } from "../pipelines/query-builder.ts";
import { emitAppendRow } from "../pipelines/row-buffer.ts";
import { sortFunction } from "../pipelines/sorting/merge-sort.ts";
import { refineFunction } from "../pipelines/sorting/refine-ties.ts";
import { sortEntry } from "../pipelines/sorting/sort-entry.ts";
import { emitSortPrefix } from "../pipelines/sorting/sort-prefix.ts";
import { planSortedRows, sortKeyValues, storeSortedRow } from "../pipelines/sorting/sorted-rows.ts";
import { rowOrder } from "../pipelines/sorting/sorted-runs.ts";
import { ThreadStates } from "../pipelines/thread-states.ts";
import type { FunctionRef, Local } from "../wasm/function-builder.ts";
import { joinRuns } from "./join-runs.ts";
import { openLoop } from "./loop.ts";
import { mergeCursor, mergeInTurns, mergeState, pushState } from "./merge-blocks.ts";
import type { SpilledSort } from "./spilled-sort.ts";
import {
  describeRows,
  emitFlush,
  emitRead,
  emitRelease,
  emitSpool,
  emitWriteAll,
  freeArena,
  openBare,
  openSpool,
  planSpool,
} from "./spool.ts";

/** A row begins with the prefix of its first key, an i64. */
const PREFIX_BYTES = 8;

/** Byte offsets in a thread's block; kernels/pipelines/spill-sort.ts knows them too. */
const spillRun = { buffer: 0, entries: 16, scratch: 24, bytes: 48 } as const;

/** Of how many blocks the query's memory would hold. Smaller ones let more runs be merged at once, but there is more to be known of them. */
const BLOCK_SHARES = 128;

/**
 * Sorts by runs on disk: whenever a thread's share of the memory is full, it sorts its rows and writes them; at the end, all runs are merged, as many at a time
 * as there is memory for. `most`: how many rows are wanted.
 */
export const produceSpilledSort = (
  query: QueryBuilder,
  plan: PhysicalSort,
  consumer: Consumer,
  most?: number,
): void => {
  const { operatorId, keys } = plan;
  const rows = planSortedRows(operatorId, plan.input.columns, keys, consumer.needs, PREFIX_BYTES);
  const spool = planSpool(query, operatorId, rows.layout, 1, BLOCK_SHARES);
  const sort: SpilledSort = {
    operatorId,
    rows,
    order: rowOrder(operatorId, keys, rows.keyFields),
    runs: new ThreadStates(query, operatorId, spillRun.bytes),
    spool,
    state: query.state(mergeState.bytes),
    most,
    refill: (code, at) => readBlock(code, { operatorId, rows, spool }, at),
  };
  const arena = query.arena();
  query.produce(query, plan.input, {
    needs: rows.needs,
    consume(pipeline, row) {
      sort.runs.open(pipeline);
      openSpool(pipeline, sort.spool);
      pipeline.useArena(arena);
      pipeline.enter(operatorId, "sort");
      const { code } = pipeline;
      const run = openRun(code, sort);
      const values = sortKeyValues(code, rows, row);
      writeIfFull(code, sort, run);
      const address = emitAppendRow(code, operatorId, run, spillRun.buffer, rows.stride);
      const [first] = keys;
      code.fn.get(address);
      emitSortPrefix(code, values[0]!, first!.expression.type, first!);
      code.fn.mem("i64.store");
      storeSortedRow(code, rows, address, row, values);
    },
  });
  const last = openBare(query, operatorId, "runs", arena);
  last.after("perThread", "run", (code) => {
    const { fn } = code;
    const run = sort.runs.own(code);
    fn.get(run);
    fn.mem("i32.load", spillRun.entries);
    fn.if(() => {
      fn.get(code.context);
      fn.call(writeRun(code, sort));
    });
    emitFlush(code, sort.spool);
    fn.get(run);
    fn.get(code.arena);
    code.kernel("spillRunClose");
    freeArena(code);
  });
  last.after("once", "runs", (code) => {
    describeRows(code, sort.spool);
    pushState(code, sort);
    code.fn.get(sort.runs.all(code));
    code.fn.i32(sort.runs.stride);
    code.fn.get(code.field(threadContext.threadCount));
    code.fn.get(code.keep);
    code.kernel("spillMergeOpen");
    code.checkAllocated(operatorId);
  });
  last.after("once", "join", (code) => joinRuns(code, sort));

  const loop = openLoop(query, operatorId, arena, true);
  loop.phases("merge");
  mergeInTurns(query, loop, sort, consumer);
  query.last.after("once", "release", (code) => emitRelease(code, sort.spool));
};

/** Reads the next block of a run to the cursor's buffer, if it needs one. */
const readBlock = (
  code: Code,
  { operatorId, rows, spool }: Pick<SpilledSort, "operatorId" | "rows" | "spool">,
  at: Local,
): void => {
  const { fn } = code;
  const [entry, buffer] = [fn.local("i32"), fn.local("i32")];
  fn.get(at);
  fn.i32(rows.stride);
  fn.get(code.arena);
  code.kernel("spillCursorNext");
  fn.tee(entry);
  fn.if(() => {
    fn.get(entry);
    fn.i32(1);
    fn.op("i32.eq");
    fn.if(() => code.raise(raiseCode.outOfMemory, operatorId));
    fn.get(at);
    fn.mem("i32.load", mergeCursor.buffer);
    fn.set(buffer);
    emitRead(code, spool, entry, buffer);
  });
};

/** The thread's run, which has the memory to be sorted from the pipeline's first batch on. */
const openRun = (code: Code, { operatorId, runs, rows }: SpilledSort): Local => {
  const { fn } = code;
  const run = runs.own(code);
  const { arena } = code;
  const threadCount = code.field(threadContext.threadCount);
  fn.atEntry(() => {
    fn.get(run);
    fn.mem("i32.load", spillRun.entries);
    fn.op("i32.eqz");
    fn.if(() => {
      fn.get(run);
      fn.i32(rows.stride);
      fn.get(threadCount);
      fn.get(arena);
      code.kernel("spillRunOpen");
      code.checkAllocated(operatorId);
    });
  });
  return run;
};

const writeIfFull = (code: Code, sort: SpilledSort, run: Local): void => {
  const { fn } = code;
  fn.get(run);
  fn.i32(sort.rows.stride);
  fn.get(code.arena);
  code.kernel("spillRunFull");
  fn.if(() => {
    fn.get(code.context);
    fn.call(writeRun(code, sort));
  });
};

/** A function (context): sorts and writes the thread's rows. */
const writeRun = (outer: Code, sort: SpilledSort): FunctionRef =>
  outer.module.helper(`write run ${sort.operatorId}`, ["i32"], [], (fn) => {
    const code = new Code(fn, outer.module, fn.params[0]!);
    code.prepare();
    const { operatorId, rows, order, runs, spool } = sort;
    const run = runs.own(code);
    const [count, sorted, row, partition] = Array.from({ length: 4 }, () => fn.local("i32")) as Locals4;
    const [entries, scratch] = [fn.local("i32"), fn.local("i32")];
    fn.get(run);
    fn.i32(rows.stride);
    code.kernel("spillRunFill");
    fn.set(count);
    for (const [local, field] of [
      [entries, spillRun.entries],
      [scratch, spillRun.scratch],
    ] as const) {
      fn.get(run);
      fn.mem("i32.load", field);
      fn.set(local);
    }
    for (const local of [code.context, entries, scratch, count]) fn.get(local);
    fn.call(sortFunction(code, "prefixes", undefined));
    fn.set(sorted);
    if (order.compare !== undefined) {
      fn.get(code.context);
      fn.get(sorted);
      // The other one.
      fn.get(entries);
      fn.get(scratch);
      fn.op("i32.xor");
      fn.get(sorted);
      fn.op("i32.xor");
      fn.get(count);
      fn.call(refineFunction(code, { order, keys: rows.keys, keyFields: rows.keyFields }));
    }
    countedLoop(fn, count, (index) => {
      pushElement(fn, sorted, index, sortEntry.bytes);
      fn.mem("i32.load", sortEntry.row);
      fn.set(row);
      emitSpool(code, spool, partition, row);
    });
    emitWriteAll(code, spool);
    fn.get(run);
    fn.get(spool.threads.own(code));
    fn.get(code.arena);
    fn.get(code.keep);
    code.kernel("spillRunWritten");
    code.checkAllocated(operatorId);
    code.checkCancelled();
  });

type Locals4 = [Local, Local, Local, Local];
