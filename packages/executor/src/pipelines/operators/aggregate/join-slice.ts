import { threadContext } from "../../../layout/context.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { countedLoop, endlessLoop, pushElement } from "../../loops.ts";
import { groupTable } from "./group-table.ts";
import { combineGroups } from "./join-partition.ts";
import type { AggregatePlan } from "./plan-aggregate.ts";

/** Entries looked at together: most places of most threads' directories are empty, in long stretches. */
const BLOCK_BYTES = 16;

/**
 * Emits the joining of a part of directories in which each key has its own place: entries `start` to `end` (byte offsets, multiples of 16)
 * of all threads' directories are brought together in `base`, one of them.
 */
export const joinSlice = (
  code: Code,
  plan: AggregatePlan,
  threads: { readonly all: Local; readonly stride: number },
  base: Local,
  start: Local,
  end: Local,
): void => {
  const { fn } = code;
  const [directory, at] = [fn.local("i32"), fn.local("i32")];
  const threadCount = code.field(threadContext.threadCount);
  countedLoop(fn, threadCount, (index) => {
    pushElement(fn, threads.all, index, threads.stride);
    fn.mem("i32.load", groupTable.directory);
    fn.tee(directory);
    fn.i32(0);
    fn.op("i32.ne");
    fn.get(directory);
    fn.get(base);
    fn.op("i32.ne");
    fn.op("i32.and");
    fn.if(() => {
      fn.get(start);
      fn.set(at);
      endlessLoop(fn, (done) => {
        fn.get(at);
        fn.get(end);
        fn.op("i32.ge_u");
        fn.brIf(done);
        fn.get(directory);
        fn.get(at);
        fn.op("i32.add");
        fn.mem("v128.load");
        fn.op("v128.any_true");
        fn.if(() => joinBlock(code, plan, base, directory, at));
        fn.get(at);
        fn.i32(BLOCK_BYTES);
        fn.op("i32.add");
        fn.set(at);
      });
    });
  });
};

const joinBlock = (code: Code, plan: AggregatePlan, base: Local, directory: Local, at: Local): void => {
  const { fn } = code;
  const [entry, row, other, left] = Array.from({ length: 4 }, () => fn.local("i32")) as [Local, Local, Local, Local];
  const place = fn.local("i32");
  fn.i32(BLOCK_BYTES / 4);
  fn.set(left);
  countedLoop(fn, left, (index) => {
    pushElement(fn, at, index, 4);
    fn.set(place);
    pushElement(fn, directory, place, 1);
    fn.mem("i32.load");
    fn.tee(row);
    fn.if(() => {
      pushElement(fn, base, place, 1);
      fn.tee(entry);
      fn.mem("i32.load");
      fn.tee(other);
      fn.if(
        () => combineGroups(code, plan, other, row),
        () => {
          fn.get(entry);
          fn.get(row);
          fn.mem("i32.store");
        },
      );
    });
  });
};
