import type { PhysicalSort } from "@headcut/plan";
import type { Produce } from "../query-builder.ts";
import { emitAppendRow } from "../row-buffer.ts";
import { sortFunction } from "../sorting/merge-sort.ts";
import { emitSortPrefix } from "../sorting/sort-prefix.ts";
import { planSortedRows, produceSorted, sortKeyValues, storeSortedRow } from "../sorting/sorted-rows.ts";
import { mergeRuns, rowOrder, sortRun } from "../sorting/sorted-runs.ts";
import { ThreadStates } from "../thread-states.ts";

/** A row begins with the prefix of its first key (sorting/sort-prefix.ts), an i64. */
const PREFIX_BYTES = 8;

/** Threads collect rows, each sorts its own, and the runs are merged in parallel. */
export const produceSort: Produce<PhysicalSort> = (query, plan, consumer) => {
  const { operatorId } = plan;
  const rows = planSortedRows(operatorId, plan.input.columns, plan.keys, consumer.needs, PREFIX_BYTES);
  const order = rowOrder(operatorId, plan.keys, rows.keyFields);
  const threads = new ThreadStates(query, operatorId, sortRun.bytes);
  query.produce(query, plan.input, {
    needs: rows.needs,
    consume(pipeline, row) {
      threads.open(pipeline);
      pipeline.enter(operatorId, "sort");
      const { code } = pipeline;
      const keys = sortKeyValues(code, rows, row);
      const address = emitAppendRow(code, operatorId, threads.own(code), sortRun.buffer, rows.stride);
      const [first] = plan.keys;
      code.fn.get(address);
      emitSortPrefix(code, keys[0]!, first!.expression.type, first!);
      code.fn.mem("i64.store");
      storeSortedRow(code, rows, address, row, keys);
    },
  });
  query.last.after("perThread", "sort", (code) => {
    const { fn } = code;
    const run = threads.own(code);
    fn.get(run);
    fn.i32(rows.stride);
    fn.get(code.arena);
    code.kernel("sortRunCreate");
    code.checkAllocated(operatorId);
    fn.get(run);
    fn.get(code.context);
    for (const field of [sortRun.entries, sortRun.scratch, sortRun.count]) {
      fn.get(run);
      fn.mem("i32.load", field);
    }
    fn.call(sortFunction(code, order.name, order.compare));
    fn.mem("i32.store", sortRun.entries);
  });
  const list = mergeRuns(query, operatorId, order, threads, { limit: undefined, offset: 0 });
  produceSorted(query, rows, "sorted", list, consumer);
};
