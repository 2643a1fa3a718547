import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { endlessLoop } from "../../loops.ts";
import { loadField } from "../../row-layout.ts";
import { ifSameGroup } from "./group-table.ts";
import type { AggregatePlan } from "./plan-aggregate.ts";

/** Byte offsets in a partition of all threads' groups; kernels/pipelines/group-table.ts knows them too. */
const partition = { rows: 0, count: 4, directory: 8, mask: 12 } as const;

/**
 * Emits the joining of one partition: the first row of each group takes in the states of the others, and its address stays in the
 * partition's array, the first `count` places of which hold the distinct groups at the end.
 */
export const joinPartition = (code: Code, plan: AggregatePlan, address: Local): void => {
  const { fn } = code;
  const field = (offset: number): Local => {
    const local = fn.local("i32");
    fn.get(address);
    fn.mem("i32.load", offset);
    fn.set(local);
    return local;
  };
  const [rows, count, directory, mask] = [partition.rows, partition.count, partition.directory, partition.mask].map(
    field,
  );
  const [from, end, kept, row, hash, slot, other] = Array.from({ length: 7 }, () => fn.local("i32"));
  fn.get(rows!);
  fn.tee(from!);
  fn.tee(kept!);
  fn.get(count!);
  fn.i32(2);
  fn.op("i32.shl");
  fn.op("i32.add");
  fn.set(end!);
  endlessLoop(fn, (done) => {
    fn.get(from!);
    fn.get(end!);
    fn.op("i32.ge_u");
    fn.brIf(done);
    fn.get(from!);
    fn.mem("i32.load");
    fn.tee(row!);
    fn.mem("i32.load");
    fn.tee(hash!);
    fn.get(mask!);
    fn.op("i32.and");
    fn.set(slot!);
    const keys = plan.keyFields.map((key) => loadField(code, key, row!));
    endlessLoop(fn, (found) => {
      const pushEntry = (): void => {
        fn.get(directory!);
        fn.get(slot!);
        fn.i32(2);
        fn.op("i32.shl");
        fn.op("i32.add");
      };
      pushEntry();
      fn.mem("i32.load");
      fn.tee(other!);
      fn.op("i32.eqz");
      fn.if(() => {
        pushEntry();
        fn.get(row!);
        fn.mem("i32.store");
        fn.get(kept!);
        fn.get(row!);
        fn.mem("i32.store");
        fn.get(kept!);
        fn.i32(4);
        fn.op("i32.add");
        fn.set(kept!);
        fn.br(found);
      });
      ifSameGroup(code, plan, other!, hash!, keys, () => {
        combineGroups(code, plan, other!, row!);
        fn.br(found);
      });
      fn.get(slot!);
      fn.i32(1);
      fn.op("i32.add");
      fn.get(mask!);
      fn.op("i32.and");
      fn.set(slot!);
    });
    fn.get(from!);
    fn.i32(4);
    fn.op("i32.add");
    fn.set(from!);
  });
  fn.get(address);
  fn.get(kept!);
  fn.get(rows!);
  fn.op("i32.sub");
  fn.i32(2);
  fn.op("i32.shr_u");
  fn.mem("i32.store", partition.count);
};

/** The group at `into` takes in the states of the one at `from`. */
export const combineGroups = (code: Code, plan: AggregatePlan, into: Local, from: Local): void => {
  for (const use of plan.uses) {
    use.accumulator.combine(code, plan.operatorId, plan.stateOf(code, use, into), plan.stateOf(code, use, from));
  }
};
