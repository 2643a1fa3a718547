import type { PhysicalSort } from "@headcut/plan";
import { raiseCode } from "../expressions/raise-code.ts";
import { threadContext } from "../layout/context.ts";
import { Code } from "../pipelines/code.ts";
import { countedLoop, endlessLoop, pushElement } from "../pipelines/loops.ts";
import type { Consumer, QueryBuilder } from "../pipelines/query-builder.ts";
import { emitAppendRow } from "../pipelines/row-buffer.ts";
import { openRowSource } from "../pipelines/row-source.ts";
import { sortFunction } from "../pipelines/sorting/merge-sort.ts";
import { branchIfAfter, sortEntry } from "../pipelines/sorting/sort-entry.ts";
import { emitSortPrefix } from "../pipelines/sorting/sort-prefix.ts";
import { planSortedRows, type SortedRows, sortKeyValues, storeSortedRow } from "../pipelines/sorting/sorted-rows.ts";
import { type RowOrder, rowOrder } from "../pipelines/sorting/sorted-runs.ts";
import { ThreadStates } from "../pipelines/thread-states.ts";
import type { FunctionRef, Local } from "../wasm/function-builder.ts";
import { openLoop } from "./loop.ts";
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
  passingRow,
  planSpool,
  type Spool,
} from "./spool.ts";

/** A row begins with the prefix of its first key, an i64. */
const PREFIX_BYTES = 8;

/** Byte offsets in a thread's block; kernels/pipelines/spill-sort.ts knows them too. */
const spillRun = { buffer: 0, entries: 16, scratch: 24, bytes: 48 } as const;

/** Byte offsets in the state of the merging; kernels/pipelines/spill-sort.ts knows them too. */
const merging = { more: 0, cursors: 4, count: 8, entries: 16, scratch: 20, list: 24, bytes: 48 } as const;
const cursor = { buffer: 4, row: 12, end: 16, bytes: 20 } as const;

/** Of how many blocks the query's memory would hold: so many runs, and more, can be merged at once. */
const BLOCK_SHARES = 512;

interface SpilledSort {
  readonly operatorId: number;
  readonly rows: SortedRows;
  readonly order: RowOrder;
  readonly runs: ThreadStates;
  readonly spool: Spool;
  /** Of the merging. */
  readonly state: number;
}

/** Sorts by runs on disk: whenever a thread's share of the memory is full, it sorts its rows and writes them; at the end, all runs are merged. */
export const produceSpilledSort = (query: QueryBuilder, plan: PhysicalSort, consumer: Consumer): void => {
  const { operatorId, keys } = plan;
  const rows = planSortedRows(operatorId, plan.input.columns, keys, consumer.needs, PREFIX_BYTES);
  const sort: SpilledSort = {
    operatorId,
    rows,
    order: rowOrder(operatorId, keys, rows.keyFields),
    runs: new ThreadStates(query, operatorId, spillRun.bytes),
    spool: planSpool(query, operatorId, rows.layout, 1, BLOCK_SHARES),
    state: query.state(merging.bytes),
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

  const loop = openLoop(query, operatorId, arena, true);
  loop.phases("merge").after("once", "merge", (code) => mergeBlocks(code, sort));
  openRowSource(query, sort.state + merging.list, rows.stride, (pipeline, address) => {
    loop.add(pipeline);
    pipeline.enter(operatorId, "merged");
    pipeline.keepOrder();
    pipeline.countRow(operatorId);
    consumer.consume(pipeline, passingRow(pipeline.code, rows.columns, address));
  });
  loop.close(sort.state + merging.more);
  query.last.after("once", "release", (code) => emitRelease(code, sort.spool));
};

const pushState = ({ fn, states }: Code, { state }: SpilledSort): void => {
  fn.get(states);
  fn.i32(state);
  fn.op("i32.add");
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
    fn.get(run);
    fn.i32(rows.stride);
    code.kernel("spillRunFill");
    fn.set(count);
    fn.get(code.context);
    for (const field of [spillRun.entries, spillRun.scratch]) {
      fn.get(run);
      fn.mem("i32.load", field);
    }
    fn.get(count);
    fn.call(sortFunction(code, order.name, order.compare));
    fn.set(sorted);
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

/**
 * A turn of the merging: every run has a block in memory; rows that are not behind the first of the blocks' last rows are all there, so they are
 * put in order and listed. At least one block is used up.
 */
const mergeBlocks = (code: Code, sort: SpilledSort): void => {
  const { fn } = code;
  const { operatorId, rows, order, state } = sort;
  const local = (): Local => fn.local("i32");
  const field = (offset: number): Local => {
    const value = local();
    fn.get(code.states);
    fn.mem("i32.load", state + offset);
    fn.set(value);
    return value;
  };
  code.checkCancelled();
  const [cursors, count] = [field(merging.cursors), field(merging.count)];
  const at = local();
  const eachCursor = (body: () => void): void =>
    countedLoop(fn, count, (index) => {
      pushElement(fn, cursors, index, cursor.bytes);
      fn.set(at);
      body();
    });
  const load = (offset: number): void => {
    fn.get(at);
    fn.mem("i32.load", offset);
  };

  const [entry, buffer] = [local(), local()];
  eachCursor(() => {
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
      load(cursor.buffer);
      fn.set(buffer);
      emitRead(code, sort.spool, entry, buffer);
    });
  });
  pushState(code, sort);
  fn.i32(rows.stride);
  fn.get(code.arena);
  code.kernel("spillMergeRoom");
  code.checkAllocated(operatorId);

  // The first of the last rows.
  const [bound, last] = [local(), local()];
  const [boundPrefix, prefix] = [fn.local("i64"), fn.local("i64")];
  const rowAt = (row: Local, rowPrefix: Local) => ({ prefix: rowPrefix, row: () => fn.get(row) });
  eachCursor(() => {
    fn.block((next) => {
      load(cursor.row);
      load(cursor.end);
      fn.op("i32.eq");
      fn.brIf(next);
      load(cursor.end);
      fn.i32(rows.stride);
      fn.op("i32.sub");
      fn.tee(last);
      fn.mem("i64.load");
      fn.set(prefix);
      fn.block((take) => {
        fn.get(bound);
        fn.op("i32.eqz");
        fn.brIf(take);
        branchIfAfter(code, order.name, order.compare, rowAt(bound, boundPrefix), rowAt(last, prefix), take);
        fn.br(next);
      });
      fn.get(last);
      fn.set(bound);
      fn.get(prefix);
      fn.set(boundPrefix);
    });
  });

  const [entries, scratch] = [field(merging.entries), field(merging.scratch)];
  const [to, row, end] = [local(), local(), local()];
  fn.get(entries);
  fn.set(to);
  eachCursor(() => {
    load(cursor.row);
    fn.set(row);
    load(cursor.end);
    fn.set(end);
    endlessLoop(fn, (done) => {
      fn.get(row);
      fn.get(end);
      fn.op("i32.eq");
      fn.brIf(done);
      fn.get(row);
      fn.mem("i64.load");
      fn.set(prefix);
      branchIfAfter(code, order.name, order.compare, rowAt(row, prefix), rowAt(bound, boundPrefix), done);
      fn.get(to);
      fn.get(prefix);
      fn.mem("i64.store", sortEntry.prefix);
      fn.get(to);
      fn.get(row);
      fn.mem("i32.store", sortEntry.row);
      fn.get(to);
      fn.i32(sortEntry.bytes);
      fn.op("i32.add");
      fn.set(to);
      fn.get(row);
      fn.i32(rows.stride);
      fn.op("i32.add");
      fn.set(row);
    });
    fn.get(at);
    fn.get(row);
    fn.mem("i32.store", cursor.row);
  });
  const taken = local();
  fn.get(to);
  fn.get(entries);
  fn.op("i32.sub");
  fn.i32(Math.log2(sortEntry.bytes));
  fn.op("i32.shr_u");
  fn.set(taken);
  pushState(code, sort);
  fn.get(code.context);
  fn.get(entries);
  fn.get(scratch);
  fn.get(taken);
  fn.call(sortFunction(code, order.name, order.compare));
  fn.get(taken);
  code.kernel("spillMergePublish");
};
