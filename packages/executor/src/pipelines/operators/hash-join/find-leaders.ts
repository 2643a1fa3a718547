import { emitEquals } from "../../../expressions/comparison.ts";
import { emitHash } from "../../../expressions/hash.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { countedLoop, endlessLoop, pushElement } from "../../loops.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import { loadField } from "../../row-layout.ts";
import { rowSegment } from "../../row-list.ts";
import { type JoinTable, joinState, stateAddress } from "./join-table.ts";

/**
 * Once the rows are listed: each learns its leader, one for all rows that are alike in the leaders' columns. Leaders stand in an array by the
 * columns' hash, at most as many as there are rows; of two threads that would make their rows leaders of the same, the first one wins.
 */
export const findLeaders = (pipeline: PipelineBuilder, table: JoinTable): void => {
  const { plan, state, stride, leaders } = table;
  if (leaders === undefined) return;
  pipeline.after("once", "leaders", (code) => {
    code.fn.get(stateAddress(code, state));
    code.fn.get(code.arena);
    code.kernel("joinLeadersCreate");
    code.checkAllocated(plan.operatorId);
  });
  pipeline.tasks(state + joinState.segmentCount, "follow", (code, task) => {
    const { fn } = code;
    const [segment, first, count, row] = [fn.local("i32"), fn.local("i32"), fn.local("i32"), fn.local("i32")];
    const segments = fn.local("i32");
    fn.get(stateAddress(code, state));
    fn.mem("i32.load", joinState.list);
    fn.set(segments);
    pushElement(fn, segments, task, rowSegment.bytes);
    fn.tee(segment);
    fn.mem("i32.load", rowSegment.batch);
    fn.set(first);
    fn.get(segment);
    fn.mem("i32.load", rowSegment.count);
    fn.set(count);
    countedLoop(fn, count, (index) => {
      pushElement(fn, first, index, stride);
      fn.set(row);
      const leader = findLeader(code, table, [...leaders.leaders.columns], row);
      fn.get(row);
      fn.get(leader);
      fn.mem("i32.store", leaders.field.offset);
    });
  });
};

const findLeader = (code: Code, table: JoinTable, ids: readonly number[], row: Local): Local => {
  const { fn } = code;
  const { plan } = table;
  const scope = code.scope(plan.operatorId);
  const [array, mask] = [field(code, table, "leaders"), field(code, table, "leaderMask")];
  const [slot, place, leader] = [fn.local("i32"), fn.local("i32"), fn.local("i32")];
  const fields = ids.map((id) => table.columns.get(id)!);
  const types = ids.map((id) => plan.build.columns.find((column) => column.id === id)!.type);
  const keys = fields.map((one) => loadField(code, one, row));
  emitHash(scope, keys, types);
  fn.op("i32.wrap_i64");
  fn.set(slot);
  endlessLoop(fn, (done) => {
    fn.get(slot);
    fn.get(mask);
    fn.op("i32.and");
    fn.set(slot);
    pushElement(fn, array, slot, 4);
    fn.tee(place);
    fn.mem("i32.atomic.load");
    fn.tee(leader);
    fn.op("i32.eqz");
    fn.if(() => {
      fn.get(place);
      fn.i32(0);
      fn.get(row);
      fn.mem("i32.atomic.rmw.cmpxchg");
      fn.tee(leader);
      fn.op("i32.eqz");
      fn.if(() => {
        fn.get(row);
        fn.set(leader);
        fn.br(done);
      });
    });
    const equalFrom = (position: number): void => {
      if (position === ids.length) {
        fn.br(done);
        return;
      }
      emitEquals(scope, loadField(code, fields[position]!, leader), keys[position]!, types[position]!, true);
      fn.if(() => equalFrom(position + 1));
    };
    equalFrom(0);
    fn.get(slot);
    fn.i32(1);
    fn.op("i32.add");
    fn.set(slot);
  });
  return leader;
};

const field = (code: Code, { state }: JoinTable, name: "leaders" | "leaderMask"): Local => {
  const address = stateAddress(code, state);
  return code.atEntry(`join ${state} ${name}`, () => {
    code.fn.get(address);
    code.fn.mem("i32.load", joinState[name]);
  });
};
