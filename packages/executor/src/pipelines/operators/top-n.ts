import { type PhysicalTopN, uint32 } from "@headcut/plan";
import type { Value } from "../../expressions/value.ts";
import { produceSpilledTopN } from "../../spill/spill-top-n.ts";
import type { FunctionRef, Local } from "../../wasm/function-builder.ts";
import { Code } from "../code.ts";
import { pushElement } from "../loops.ts";
import type { PipelineBuilder } from "../pipeline-builder.ts";
import type { Produce } from "../query-builder.ts";
import type { Row } from "../row.ts";
import { emitAppendRow } from "../row-buffer.ts";
import { loadField } from "../row-layout.ts";
import { compareKeys } from "../sorting/compare-fields.ts";
import { sortFunction } from "../sorting/merge-sort.ts";
import { MANY_ROWS, refineFunction } from "../sorting/refine-ties.ts";
import { sortEntry } from "../sorting/sort-entry.ts";
import { emitSortPrefix } from "../sorting/sort-prefix.ts";
import {
  planSortedRows,
  produceSorted,
  type SortedRows,
  sortKeyValues,
  storeSortedRow,
} from "../sorting/sorted-rows.ts";
import { mergeRuns, type RowOrder, rowOrder, sortRun } from "../sorting/sorted-runs.ts";
import { ThreadStates } from "../thread-states.ts";
import { limitRows } from "./limit.ts";
import { produceMerge } from "./merge.ts";

/** Byte offsets in a thread's block, beyond those of `sortRun`; kernels/pipelines/sort.ts knows them too. */
const topNRun = {
  ...sortRun,
  /** Entries there is room for; when it is reached, the best `keep` stay. */
  capacity: 28,
  keep: 32,
  /** Address of the last row that stayed, or 0 as long as nothing was cut: a row that does not come before it is no candidate. */
  bound: 36,
  boundPrefix: 40,
  bytes: 48,
} as const;

interface TopN {
  readonly rows: SortedRows;
  readonly order: RowOrder;
  readonly threads: ThreadStates;
  /** Worth the code that refines ties. */
  readonly isLarge: boolean;
}

/** Each thread keeps a bounded set of candidates, sorted and cut when it is full; rows beyond the last cut are dropped early. */
export const produceTopN: Produce<PhysicalTopN> = (query, plan, consumer) => {
  const { operatorId } = plan;
  if (plan.inRuns) {
    const limited = limitRows(query, plan, consumer);
    return produceMerge(query, { ...plan, kind: "sort" }, limited, plan.limit + plan.offset);
  }
  if (query.spilling.has(operatorId)) return produceSpilledTopN(query, plan, consumer);
  const rows = planSortedRows(operatorId, plan.input.columns, plan.keys, consumer.needs, 0);
  const order = rowOrder(operatorId, plan.keys, rows.keyFields);
  const threads = new ThreadStates(query, operatorId, topNRun.bytes);
  const topN = { rows, order, threads, isLarge: plan.limit + plan.offset >= MANY_ROWS };
  query.produce(query, plan.input, {
    needs: rows.needs,
    consume(pipeline, row) {
      if (threads.open(pipeline)) openRuns(pipeline, plan, threads);
      pipeline.enter(operatorId, "top-n");
      const { code } = pipeline;
      const { fn } = code;
      const run = threads.own(code);
      const keys = sortKeyValues(code, rows, row);
      const prefix = fn.local("i64");
      emitSortPrefix(code, keys[0]!, plan.keys[0]!.expression.type, plan.keys[0]!);
      fn.set(prefix);
      fn.block((drop) => {
        fn.get(run);
        fn.mem("i32.load", topNRun.bound);
        fn.if(() => {
          pushIsBehind(code, topN, run, prefix, keys);
          fn.brIf(drop);
        });
        addCandidate(code, topN, run, prefix, row, keys);
      });
    },
  });
  query.last.after("perThread", "sort", (code) => {
    code.fn.get(code.context);
    code.fn.get(threads.own(code));
    code.fn.call(cutFunction(code, topN));
  });
  const list = mergeRuns(query, operatorId, order, threads, plan);
  produceSorted(query, rows, "top", list, consumer);
};

const openRuns = (pipeline: PipelineBuilder, plan: PhysicalTopN, threads: ThreadStates): void =>
  pipeline.before("perThread", "open", (code) => {
    const { fn, module } = code;
    const slot = module.constant(uint32, Math.max(1, plan.limit + plan.offset));
    fn.get(threads.own(code));
    fn.get(module.constantsAddress(fn, code.context));
    fn.mem("i32.load", slot);
    fn.get(code.arena);
    code.kernel("topNCreate");
    code.checkAllocated(plan.operatorId);
  });

/** Leaves whether the current row does not come before the bound. */
const pushIsBehind = (code: Code, { rows, order }: TopN, run: Local, prefix: Local, keys: readonly Value[]): void => {
  const { fn } = code;
  fn.get(prefix);
  fn.get(run);
  fn.mem("i64.load", topNRun.boundPrefix);
  fn.op("i64.eq");
  fn.if(
    () => {
      if (order.compare === undefined) {
        fn.i32(1);
        return;
      }
      const bound = fn.local("i32");
      fn.get(run);
      fn.mem("i32.load", topNRun.bound);
      fn.set(bound);
      const boundKey = (position: number): Value => loadField(code, rows.keyFields[position]!, bound);
      compareKeys(code, rows.operatorId, rows.keys, (position) => keys[position]!, boundKey);
      fn.i32(0);
      fn.op("i32.ge_s");
    },
    () => {
      fn.get(prefix);
      fn.get(run);
      fn.mem("i64.load", topNRun.boundPrefix);
      fn.op("i64.gt_u");
    },
    "i32",
  );
};

/** Writes the current row to the next entry, over a row that was cut, if there is one. */
const addCandidate = (code: Code, topN: TopN, run: Local, prefix: Local, row: Row, keys: readonly Value[]): void => {
  const { fn } = code;
  const { rows } = topN;
  const [entry, address, count] = [fn.local("i32"), fn.local("i32"), fn.local("i32")];
  const entries = fn.local("i32");
  fn.get(run);
  fn.mem("i32.load", topNRun.entries);
  fn.set(entries);
  fn.get(run);
  fn.mem("i32.load", topNRun.count);
  fn.set(count);
  pushElement(fn, entries, count, sortEntry.bytes);
  fn.tee(entry);
  fn.mem("i32.load", sortEntry.row);
  fn.tee(address);
  fn.op("i32.eqz");
  fn.if(() => {
    fn.get(emitAppendRow(code, rows.operatorId, run, topNRun.buffer, rows.stride));
    fn.set(address);
    fn.get(entry);
    fn.get(address);
    fn.mem("i32.store", sortEntry.row);
  });
  fn.get(entry);
  fn.get(prefix);
  fn.mem("i64.store", sortEntry.prefix);
  storeSortedRow(code, rows, address, row, keys);
  fn.get(run);
  fn.get(count);
  fn.i32(1);
  fn.op("i32.add");
  fn.tee(count);
  fn.mem("i32.store", topNRun.count);
  fn.get(count);
  fn.get(run);
  fn.mem("i32.load", topNRun.capacity);
  fn.op("i32.eq");
  fn.if(() => {
    fn.get(code.context);
    fn.get(run);
    fn.call(cutFunction(code, topN));
  });
};

/** A function (context, run) that sorts the candidates and keeps the best. Rows behind them stay in the entries, to be written over. */
const cutFunction = (outer: Code, { rows, order, isLarge }: TopN): FunctionRef =>
  outer.module.helper(`cut ${rows.operatorId}`, ["i32", "i32"], [], (fn) => {
    const [context, run] = fn.params as [Local, Local];
    const code = new Code(fn, outer.module, context);
    const sorted = fn.local("i32");
    const load = (field: number): void => {
      fn.get(run);
      fn.mem("i32.load", field);
    };
    fn.get(context);
    load(topNRun.entries);
    load(topNRun.scratch);
    load(topNRun.count);
    const refines = isLarge && order.compare !== undefined;
    fn.call(refines ? sortFunction(code, "prefixes", undefined) : sortFunction(code, order.name, order.compare));
    fn.tee(sorted);
    load(topNRun.entries);
    fn.op("i32.ne");
    fn.if(() => {
      fn.get(run);
      load(topNRun.entries);
      fn.mem("i32.store", topNRun.scratch);
      fn.get(run);
      fn.get(sorted);
      fn.mem("i32.store", topNRun.entries);
    });
    if (refines) {
      fn.get(context);
      for (const field of [topNRun.entries, topNRun.scratch, topNRun.count]) load(field);
      fn.call(refineFunction(code, { order, keys: rows.keys, keyFields: rows.keyFields }));
    }
    load(topNRun.count);
    load(topNRun.keep);
    fn.op("i32.ge_u");
    fn.if(() => {
      const last = fn.local("i32");
      fn.get(run);
      load(topNRun.keep);
      fn.mem("i32.store", topNRun.count);
      fn.get(sorted);
      load(topNRun.keep);
      fn.i32(1);
      fn.op("i32.sub");
      fn.i32(4);
      fn.op("i32.shl");
      fn.op("i32.add");
      fn.set(last);
      fn.get(run);
      fn.get(last);
      fn.mem("i32.load", sortEntry.row);
      fn.mem("i32.store", topNRun.bound);
      fn.get(run);
      fn.get(last);
      fn.mem("i64.load", sortEntry.prefix);
      fn.mem("i64.store", topNRun.boundPrefix);
    });
  });
