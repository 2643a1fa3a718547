import { int64 } from "@headcut/plan";
import type { Code } from "../pipelines/code.ts";
import { countedLoop, endlessLoop, pushElement } from "../pipelines/loops.ts";
import type { Consumer, QueryBuilder } from "../pipelines/query-builder.ts";
import { openRowSource } from "../pipelines/row-source.ts";
import { mergeFunction } from "../pipelines/sorting/merge.ts";
import { advance, branchIfAfter, sortEntry } from "../pipelines/sorting/sort-entry.ts";
import type { SortedRows } from "../pipelines/sorting/sorted-rows.ts";
import type { RowOrder } from "../pipelines/sorting/sorted-runs.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { SpillLoop } from "./loop.ts";
import { passingRow } from "./spool.ts";

/** Byte offsets in the state of the merging; kernels/pipelines/spill-sort.ts knows them too. */
export const mergeState = {
  more: 0,
  cursors: 4,
  count: 8,
  entries: 16,
  scratch: 20,
  list: 24,
  ends: 44,
  bytes: 64,
} as const;

/** Where the merging is in a run. `more`: 0 once nothing follows the block; `most`: bytes, or of runs that come from elsewhere rows, that the buffer has room for. */
export const mergeCursor = { more: 0, buffer: 4, row: 12, end: 16, most: 20, bytes: 24 } as const;
const cursor = mergeCursor;

/** Sorted runs that are to become one, wherever they come from. */
export interface Merging {
  readonly operatorId: number;
  readonly rows: SortedRows;
  readonly order: RowOrder;
  /** Offset in the states block. */
  readonly state: number;
  /** Rows that are wanted; undefined: all. */
  readonly most: number | undefined;
  /** Code that fetches the next block of the run whose cursor is at `at`, if it is used up; absent: blocks are filled before each turn. */
  readonly refill?: (code: Code, at: Local) => void;
}

/** Leaves the address of the merging's state. */
export const pushState = ({ fn, states }: Code, { state }: Pick<Merging, "state">): void => {
  fn.get(states);
  fn.i32(state);
  fn.op("i32.add");
};

/**
 * The end of a loop that merges runs, whose turns have filled what is used up: a turn of the merging, and a pipeline over its rows, whose strings last as
 * long as the turn.
 */
export const mergeInTurns = (query: QueryBuilder, loop: SpillLoop, merging: Merging, consumer: Consumer): void => {
  const { operatorId, rows, state } = merging;
  query.last.after("once", "merge", (code) => mergeBlocks(code, merging));
  openRowSource(query, state + mergeState.list, rows.stride, (pipeline, address) => {
    loop.add(pipeline);
    pipeline.enter(operatorId, "merged");
    pipeline.keepOrder();
    pipeline.countRow(operatorId);
    consumer.consume(pipeline, passingRow(pipeline.code, rows.columns, address));
  });
  loop.close(state + mergeState.more);
};

/** A turn of the merging, whose rows go on to the pipeline that reads the list. */
const mergeBlocks = (code: Code, sort: Merging): void => {
  const { fn } = code;
  const { entries, count } = mergeTurn(code, sort);
  pushState(code, sort);
  fn.get(entries);
  fn.get(count);
  if (sort.most === undefined) fn.i64(-1);
  else pushMost(code, sort.most);
  code.kernel("spillMergePublish");
};

/** The limit is a constant, so that plans that differ in it are the same code. */
const pushMost = ({ fn, module, context }: Code, most: number): void => {
  const slot = module.constant(int64, BigInt(most));
  fn.get(module.constantsAddress(fn, context));
  fn.mem("i64.load", slot);
};

/**
 * A turn of the merging: every run has a block in memory; rows that are not behind the first of the blocks' last rows are all there, so they are
 * put in order. At least one block is used up. Returns their entries.
 */
export const mergeTurn = (code: Code, sort: Merging): { readonly entries: Local; readonly count: Local } => {
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
  const [cursors, count] = [field(mergeState.cursors), field(mergeState.count)];
  const at = local();
  const eachCursor = (body: (index: Local) => void): void =>
    countedLoop(fn, count, (index) => {
      pushElement(fn, cursors, index, cursor.bytes);
      fn.set(at);
      body(index);
    });
  const load = (offset: number): void => {
    fn.get(at);
    fn.mem("i32.load", offset);
  };

  const { refill } = sort;
  if (refill !== undefined) eachCursor(() => refill(code, at));
  pushState(code, sort);
  fn.get(code.arena);
  code.kernel("spillMergeRoom");
  code.checkAllocated(operatorId);

  // The first of the last rows.
  const [bound, last] = [local(), local()];
  const [boundPrefix, prefix] = [fn.local("i64"), fn.local("i64")];
  fn.i32(0);
  fn.set(bound);
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

  const [entries, scratch, ends] = [field(mergeState.entries), field(mergeState.scratch), field(mergeState.ends)];
  const [to, row, end] = [local(), local(), local()];
  fn.get(entries);
  fn.set(to);
  eachCursor((index) => {
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
    pushElement(fn, ends, index, 4);
    fn.get(to);
    fn.mem("i32.store");
  });
  const taken = local();
  fn.get(to);
  fn.get(entries);
  fn.op("i32.sub");
  fn.i32(Math.log2(sortEntry.bytes));
  fn.op("i32.shr_u");
  fn.set(taken);
  mergeSlices(code, order, { entries, scratch, ends, count });
  return { entries, count: taken };
};

/**
 * Merges sorted slices of entries, which lie one behind the other up to each of their `ends`, by twos until there is one. Sets `entries` to where
 * that is, `scratch` to the other array, `count` to 1 or 0.
 */
const mergeSlices = (
  code: Code,
  order: RowOrder,
  { entries, scratch, ends, count }: Readonly<Record<"entries" | "scratch" | "ends" | "count", Local>>,
): void => {
  const { fn } = code;
  const [left, middle, right, out, from, to] = Array.from({ length: 6 }, () => fn.local("i32")) as Locals6;
  const merged = fn.local("i32");
  const pushEnd = (index: Local): void => {
    pushElement(fn, ends, index, 4);
    fn.mem("i32.load");
  };
  endlessLoop(fn, (done) => {
    fn.get(count);
    fn.i32(1);
    fn.op("i32.le_u");
    fn.brIf(done);
    fn.get(entries);
    fn.set(left);
    fn.get(scratch);
    fn.set(out);
    for (const index of [from, to]) {
      fn.i32(0);
      fn.set(index);
    }
    endlessLoop(fn, (ended) => {
      fn.get(from);
      fn.get(count);
      fn.op("i32.ge_u");
      fn.brIf(ended);
      pushEnd(from);
      fn.tee(middle);
      fn.set(right);
      advance(fn, from, 1);
      fn.get(from);
      fn.get(count);
      fn.op("i32.lt_u");
      fn.if(() => {
        pushEnd(from);
        fn.set(right);
        advance(fn, from, 1);
      });
      for (const local of [code.context, left, middle, middle, right, out]) fn.get(local);
      fn.call(mergeFunction(code, order.name, order.compare));
      fn.set(out);
      pushElement(fn, ends, to, 4);
      fn.get(out);
      fn.mem("i32.store");
      advance(fn, to, 1);
      fn.get(right);
      fn.set(left);
    });
    fn.get(to);
    fn.set(count);
    fn.get(entries);
    fn.set(merged);
    fn.get(scratch);
    fn.set(entries);
    fn.get(merged);
    fn.set(scratch);
  });
};

type Locals6 = [Local, Local, Local, Local, Local, Local];
