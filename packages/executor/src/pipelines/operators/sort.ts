import type { PhysicalSort } from "@headcut/plan";
import { produceSpilledSort } from "../../spill/spill-sort.ts";
import type { FunctionRef, Local } from "../../wasm/function-builder.ts";
import type { Code } from "../code.ts";
import { keepStrings } from "../kept-strings.ts";
import type { Produce } from "../query-builder.ts";
import { emitAppendRow } from "../row-buffer.ts";
import { sortFunction } from "../sorting/merge-sort.ts";
import { MANY_ROWS, refineFunction, type TiedSort } from "../sorting/refine-ties.ts";
import { emitSortPrefix } from "../sorting/sort-prefix.ts";
import { planSortedRows, produceSorted, sortKeyValues, storeSortedRow } from "../sorting/sorted-rows.ts";
import { mergeRuns, rowOrder, sortRun } from "../sorting/sorted-runs.ts";
import { ThreadStates } from "../thread-states.ts";
import { produceMerge } from "./merge.ts";

/** A row begins with the prefix of its first key (sorting/sort-prefix.ts), an i64. */
const PREFIX_BYTES = 8;

/** Threads collect rows, each sorts its own, and the runs are merged in parallel. */
export const produceSort: Produce<PhysicalSort> = (query, plan, consumer) => {
  const { operatorId } = plan;
  if (plan.inRuns) return produceMerge(query, plan, consumer);
  if (query.spilling.has(operatorId)) return produceSpilledSort(query, plan, consumer);
  const rows = planSortedRows(operatorId, plan.input.columns, plan.keys, consumer.needs, PREFIX_BYTES);
  const order = rowOrder(operatorId, plan.keys, rows.keyFields);
  const threads = new ThreadStates(query, operatorId, sortRun.bytes);
  query.produce(query, plan.input, {
    needs: rows.needs,
    consume(pipeline, row) {
      threads.open(pipeline);
      pipeline.enter(operatorId, "sort");
      const { code } = pipeline;
      const kept = keepStrings(query, pipeline, operatorId, rows.columns.keys(), row);
      const keys = sortKeyValues(code, rows, row);
      const address = emitAppendRow(code, operatorId, threads.own(code), sortRun.buffer, rows.stride);
      const [first] = plan.keys;
      code.fn.get(address);
      emitSortPrefix(code, keys[0]!, first!.expression.type, first!);
      code.fn.mem("i64.store");
      storeSortedRow(code, rows, address, row, keys, { kept });
    },
  });
  const isLarge = plan.input.estimatedRows >= MANY_ROWS;
  query.last.after("perThread", "sort", (code) => {
    const { fn } = code;
    const run = threads.own(code);
    fn.get(run);
    fn.i32(rows.stride);
    fn.get(code.arena);
    code.kernel("sortRunCreate");
    code.checkAllocated(operatorId);
    if (isLarge && order.compare !== undefined)
      sortByPrefixes(code, run, { order, keys: rows.keys, keyFields: rows.keyFields });
    else sortRunWith(code, run, sortFunction(code, order.name, order.compare));
  });
  const list = mergeRuns(query, operatorId, order, threads, { limit: undefined, offset: 0 });
  produceSorted(query, rows, "sorted", list, consumer);
};

const sortRunWith = ({ fn, context }: Code, run: Local, sort: FunctionRef): void => {
  fn.get(run);
  fn.get(context);
  for (const field of [sortRun.entries, sortRun.scratch, sortRun.count]) {
    fn.get(run);
    fn.mem("i32.load", field);
  }
  fn.call(sort);
  fn.mem("i32.store", sortRun.entries);
};

/** By the first prefix, then ties by more of their keys. */
const sortByPrefixes = (code: Code, run: Local, sort: TiedSort): void => {
  const { fn } = code;
  const [entries, scratch] = [fn.local("i32"), fn.local("i32")];
  const load = (field: number): void => {
    fn.get(run);
    fn.mem("i32.load", field);
  };
  load(sortRun.entries);
  fn.set(entries);
  sortRunWith(code, run, sortFunction(code, "prefixes", undefined));
  // The sorted entries may lie in what was the scratch.
  load(sortRun.scratch);
  fn.set(scratch);
  fn.get(entries);
  fn.get(scratch);
  load(sortRun.entries);
  fn.get(scratch);
  fn.op("i32.eq");
  fn.op("select");
  fn.set(scratch);
  fn.get(code.context);
  load(sortRun.entries);
  fn.get(scratch);
  load(sortRun.count);
  fn.call(refineFunction(code, sort));
};
