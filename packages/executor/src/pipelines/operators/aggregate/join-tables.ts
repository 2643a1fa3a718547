import { threadContext } from "../../../layout/context.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { ThreadStates } from "../../thread-states.ts";
import { firstEntries } from "./group-table.ts";
import { joinPartition } from "./join-partition.ts";
import { joinSlice } from "./join-slice.ts";
import type { AggregatePlan } from "./plan-aggregate.ts";

/** The sink's shared state; kernels/pipelines/group-table.ts knows it too. */
export const sinkState = { partitions: 0, partitionTasks: 8, sliceBytes: 12, list: 16, base: 32, bytes: 48 } as const;

/**
 * The phases that make one list of all threads' groups. With groups in one thread alone they are the list; directories in which
 * each key has its own place are laid over each other, slice by slice; others are joined partition by partition of the hash.
 */
export const joinTables = (
  pipeline: PipelineBuilder,
  plan: AggregatePlan,
  state: number,
  threads: ThreadStates,
): void => {
  const { stride } = plan.layout;
  const pushState = ({ fn, states }: Code): void => {
    fn.get(states);
    fn.i32(state);
    fn.op("i32.add");
  };
  const field = (code: Code, name: keyof typeof sinkState): Local => {
    const { fn, states } = code;
    const local = fn.local("i32");
    fn.get(states);
    fn.mem("i32.load", state + sinkState[name]);
    fn.set(local);
    return local;
  };
  pipeline.after("once", "close", (code) => {
    const { fn } = code;
    pushState(code);
    fn.get(threads.all(code));
    fn.i32(threads.stride);
    fn.get(code.field(threadContext.threadCount));
    fn.i32(stride);
    fn.get(code.arena);
    fn.i32(plan.dense === undefined ? 0 : firstEntries(plan));
    code.kernel("groupTablesClose");
    code.checkAllocated(plan.operatorId);
  });
  pipeline.tasks(state + sinkState.partitionTasks, "partition", (code, task) => {
    const { fn } = code;
    pushState(code);
    fn.get(threads.all(code));
    fn.get(task);
    fn.i32(threads.stride);
    fn.op("i32.mul");
    fn.op("i32.add");
    fn.i32(stride);
    fn.get(code.arena);
    code.kernel("groupTablePartition");
    code.checkAllocated(plan.operatorId);
  });
  pipeline.tasks(state + sinkState.partitions, "join", (code, task) => {
    const { fn } = code;
    const address = fn.local("i32");
    const partition = (): void => {
      pushState(code);
      fn.get(task);
      fn.get(threads.all(code));
      fn.i32(threads.stride);
      fn.get(code.field(threadContext.threadCount));
      fn.get(code.arena);
      code.kernel("groupPartitionOpen");
      fn.tee(address);
      code.checkAllocated(plan.operatorId);
      joinPartition(code, plan, address);
    };
    if (plan.dense === undefined) {
      partition();
      return;
    }
    // Entry code must not be emitted inside the branch.
    const all = threads.all(code);
    code.field(threadContext.threadCount);
    void code.arena;
    const sliceBytes = field(code, "sliceBytes");
    fn.get(sliceBytes);
    fn.if(() => {
      const base = field(code, "base");
      const [start, end] = [fn.local("i32"), fn.local("i32")];
      fn.get(task);
      fn.get(sliceBytes);
      fn.op("i32.mul");
      fn.tee(start);
      fn.get(sliceBytes);
      fn.op("i32.add");
      fn.set(end);
      joinSlice(code, plan, { all, stride: threads.stride }, base, start, end);
      pushState(code);
      fn.get(task);
      code.kernel("groupSliceClose");
    }, partition);
  });
  pipeline.after("once", "publish", (code) => {
    const { fn } = code;
    pushState(code);
    fn.get(code.arena);
    code.kernel("groupPartitionsPublish");
    code.checkAllocated(plan.operatorId);
  });
};
