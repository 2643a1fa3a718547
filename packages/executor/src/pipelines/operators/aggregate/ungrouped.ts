import type { PhysicalAggregate } from "@headcut/plan";
import { emitMove, freshValue } from "../../../expressions/storage-access.ts";
import { threadContext } from "../../../layout/context.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { countedLoop, pushElement } from "../../loops.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Consumer, QueryBuilder } from "../../query-builder.ts";
import { rowListHead, rowSegment } from "../../row-list.ts";
import { openRowSource } from "../../row-source.ts";
import { ThreadStates } from "../../thread-states.ts";
import { accumulate } from "./accumulate.ts";
import { initialize, localState, type State } from "./accumulator.ts";
import { type AggregatePlan, planAggregate } from "./plan-aggregate.ts";

/** Aggregation of all rows to one: a state per thread, held in locals while a batch is processed. */
export const produceUngrouped = (query: QueryBuilder, plan: PhysicalAggregate, consumer: Consumer): void => {
  const aggregate = planAggregate(plan, consumer.needs, 0);
  const list = query.state(rowListHead.bytes + rowSegment.bytes);
  const threads = new ThreadStates(query, plan.operatorId, aggregate.layout.stride);
  query.produce(query, plan.input, {
    needs: aggregate.needs,
    consume(pipeline, row) {
      if (threads.open(pipeline)) initializeStates(pipeline, aggregate, threads);
      pipeline.enter(plan.operatorId, "aggregate");
      const { code } = pipeline;
      const states = statesInLocals(pipeline, aggregate, threads.own(code));
      accumulate(code, plan.operatorId, aggregate.uses, row, (use) => states.get(use.key)!);
    },
  });
  query.last.after("once", "join", (code) => joinStates(code, aggregate, threads, list));
  openRowSource(query, list, aggregate.layout.stride, (pipeline, address) => {
    pipeline.enter(plan.operatorId, "result");
    pipeline.countRow(plan.operatorId);
    consumer.consume(pipeline, aggregate.output(pipeline.code, address));
  });
};

const initializeStates = (pipeline: PipelineBuilder, plan: AggregatePlan, threads: ThreadStates): void =>
  pipeline.before("perThread", "initialize", (code) => {
    const own = threads.own(code);
    for (const use of plan.uses) initialize(code, use.accumulator, plan.stateOf(code, use, own));
  });

/** Loads the thread's state at the entry of `process` and stores it at its exit. */
const statesInLocals = (pipeline: PipelineBuilder, plan: AggregatePlan, own: Local): Map<string, State> => {
  const { code } = pipeline;
  const states = new Map<string, State>();
  for (const use of plan.uses) {
    const values = use.accumulator.fields.map(({ storage }, i) => {
      const value = freshValue(code.fn, storage, false);
      code.fn.atEntry(() => emitMove(code.fn, plan.stateOf(code, use, own).load(i), value));
      return value;
    });
    states.set(use.key, localState(code, values));
    pipeline.atExit(() => {
      const memory = plan.stateOf(code, use, own);
      values.forEach((value, i) => {
        memory.store(i, value);
      });
    });
  }
  return states;
};

/** The first thread's state takes in the others', and is listed as the only row. */
const joinStates = (code: Code, plan: AggregatePlan, threads: ThreadStates, list: number): void => {
  const { fn } = code;
  const all = threads.all(code);
  const other = fn.local("i32");
  const count = fn.local("i32");
  fn.get(code.field(threadContext.threadCount));
  fn.set(count);
  countedLoop(fn, count, (index) => {
    fn.get(index);
    fn.if(() => {
      pushElement(fn, all, index, threads.stride);
      fn.set(other);
      for (const use of plan.uses) {
        use.accumulator.combine(code, plan.operatorId, plan.stateOf(code, use, all), plan.stateOf(code, use, other));
      }
    });
  });
  const store = (offset: number, push: () => void): void => {
    fn.get(code.states);
    push();
    fn.mem("i32.store", list + offset);
  };
  store(rowListHead.segments, () => {
    fn.get(code.states);
    fn.i32(list + rowListHead.bytes);
    fn.op("i32.add");
  });
  store(rowListHead.segmentCount, () => fn.i32(1));
  store(rowListHead.rowCount, () => fn.i32(1));
  store(rowListHead.bytes + rowSegment.batch, () => fn.get(all));
  store(rowListHead.bytes + rowSegment.count, () => fn.i32(1));
};
