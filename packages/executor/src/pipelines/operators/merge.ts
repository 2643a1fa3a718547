import { assert, type PhysicalSort } from "@headcut/plan";
import { openLoop } from "../../spill/loop.ts";
import { mergeCursor, mergeInTurns, mergeState } from "../../spill/merge-blocks.ts";
import { RUN_HEADER_BYTES } from "../../streams/runs-cursor.ts";
import type { Code } from "../code.ts";
import { countedLoop } from "../loops.ts";
import type { Consumer, QueryBuilder } from "../query-builder.ts";
import { advance } from "../sorting/sort-entry.ts";
import { emitSortPrefix } from "../sorting/sort-prefix.ts";
import { planSortedRows, sortKeyValues, storeSortedRow } from "../sorting/sorted-rows.ts";
import { rowOrder } from "../sorting/sorted-runs.ts";
import { batchRow } from "./scan.ts";

/** A row begins with the prefix of its first key, an i64. */
const PREFIX_BYTES = 8;

/** Byte offsets of what comes before the state of the merging. */
const source = { runs: 0, cursors: 4, merging: 16 } as const;

/**
 * Merges runs that come sorted, as they come. In turns: batches of the runs whose rows are used up become rows of their blocks, and what of all blocks is surely
 * next goes on. `most`: how many rows are wanted.
 */
export const produceMerge = (query: QueryBuilder, plan: PhysicalSort, consumer: Consumer, most?: number): void => {
  const { operatorId, keys, input } = plan;
  assert(input.kind === "scan" && input.filters.length === 0, "what is merged is a scan of runs");
  const rows = planSortedRows(operatorId, input.columns, keys, consumer.needs, PREFIX_BYTES);
  const columns = input.read.filter(({ id }) => rows.needs.has(id));
  const positions = new Map(columns.map(({ id }, position) => [id, position]));
  const state = query.state(source.merging + mergeState.bytes);
  const merging = {
    operatorId,
    rows,
    order: rowOrder(operatorId, keys, rows.keyFields),
    state: state + source.merging,
    most,
  };
  const arena = query.arena();
  const loop = openLoop(query, operatorId, arena, true);
  const fill = query.open({ kind: "runs", operatorId: input.operatorId, table: input.table, columns, state });
  loop.add(fill);
  fill.enter(input.operatorId, `runs of ${input.alias}`);
  fill.enter(operatorId, "merge");
  fill.useArena(arena);
  fill.before("once", "open", (code) => openBlocks(code, operatorId, state, rows.stride));
  const { batch, count } = fill.params;
  fill.process(() => {
    const { code } = fill;
    const { fn } = code;
    fill.countRow(input.operatorId, count);
    const [cursor, address] = [fn.local("i32"), fn.local("i32")];
    fn.get(batch);
    fn.i32(RUN_HEADER_BYTES);
    fn.op("i32.sub");
    fn.mem("i32.load");
    fn.tee(cursor);
    fn.get(cursor);
    fn.mem("i32.load", mergeCursor.buffer);
    fn.tee(address);
    fn.mem("i32.store", mergeCursor.row);
    countedLoop(fn, count, (index) => {
      const row = batchRow(code, { read: columns }, positions, batch, index);
      const values = sortKeyValues(code, rows, row);
      const [first] = keys;
      fn.get(address);
      emitSortPrefix(code, values[0]!, first!.expression.type, first!);
      fn.mem("i64.store");
      // The batch stays where it is as long as its rows are merged.
      storeSortedRow(code, rows, address, row, values, { copies: false });
      advance(fn, address, rows.stride);
    });
    fn.get(cursor);
    fn.get(address);
    fn.mem("i32.store", mergeCursor.end);
  });
  mergeInTurns(query, loop, merging, consumer);
};

/** A block for each run; where the cursors are is told to the source. */
const openBlocks = (code: Code, operatorId: number, state: number, stride: number): void => {
  const { fn, states } = code;
  const merging = state + source.merging;
  fn.get(states);
  fn.i32(merging);
  fn.op("i32.add");
  fn.get(states);
  fn.mem("i32.load", state + source.runs);
  fn.i32(stride);
  fn.get(code.arena);
  code.kernel("mergeOpen");
  code.checkAllocated(operatorId);
  fn.get(states);
  fn.get(states);
  fn.mem("i32.load", merging + mergeState.cursors);
  fn.mem("i32.store", state + source.cursors);
};
