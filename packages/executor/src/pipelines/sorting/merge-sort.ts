import type { FunctionBuilder, FunctionRef, Local } from "../../wasm/function-builder.ts";
import { Code } from "../code.ts";
import { endlessLoop } from "../loops.ts";
import { merge } from "./merge.ts";
import { advance, branchIfAfter, type CompareRows, copyEntry, ENTRY_SHIFT, entryAt, sortEntry } from "./sort-entry.ts";

/** Runs of so many entries are made by insertion. */
const RUN_BYTES = 12 * sortEntry.bytes;

/**
 * A function (context, entries, scratch, count) → the sorted entries, in `entries` or in `scratch`, which has room for as many. A stable
 * bottom-up merge sort. `name` is the sort's own in the module.
 */
export const sortFunction = (outer: Code, name: string, compare: CompareRows): FunctionRef =>
  outer.module.helper(`sort ${name}`, ["i32", "i32", "i32", "i32"], ["i32"], (fn) => {
    const code = new Code(fn, outer.module, fn.params[0]!);
    const [, from, to, count] = fn.params as [Local, Local, Local, Local];
    const [end, width, start, middle, stop] = Array.from({ length: 5 }, () => fn.local("i32")) as Locals5;
    const right = fn.local("i32");
    fn.get(from);
    fn.get(count);
    fn.i32(ENTRY_SHIFT);
    fn.op("i32.shl");
    fn.op("i32.add");
    fn.set(end);
    forRuns(
      fn,
      from,
      end,
      () => fn.i32(RUN_BYTES),
      start,
      stop,
      () => insertionSort(code, name, compare, start, stop),
    );

    fn.i32(RUN_BYTES);
    fn.set(width);
    endlessLoop(fn, (done) => {
      fn.get(width);
      fn.get(end);
      fn.get(from);
      fn.op("i32.sub");
      fn.op("i32.ge_u");
      fn.brIf(done);
      const out = fn.local("i32");
      fn.get(to);
      fn.set(out);
      const twice = (): void => {
        fn.get(width);
        fn.i32(1);
        fn.op("i32.shl");
      };
      forRuns(fn, from, end, twice, start, stop, () => {
        minimum(
          fn,
          () => {
            fn.get(start);
            fn.get(width);
            fn.op("i32.add");
          },
          stop,
          middle,
        );
        fn.get(middle);
        fn.set(right);
        merge(code, name, compare, [start, middle], [right, stop], out);
      });
      // What was written is read next.
      fn.get(to);
      fn.get(from);
      fn.get(to);
      fn.set(from);
      fn.set(to);
      fn.get(end);
      fn.get(to);
      fn.op("i32.sub");
      fn.op("i32.add");
      fn.set(end);
      twice();
      fn.set(width);
    });
    fn.get(from);
  });

type Locals5 = [Local, Local, Local, Local, Local];

/** Sets `result` to the lesser of what `a` pushes and `b`, unsigned. */
const minimum = (fn: FunctionBuilder, a: () => void, b: Local, result: Local): void => {
  a();
  fn.tee(result);
  fn.get(b);
  fn.get(result);
  fn.get(b);
  fn.op("i32.lt_u");
  fn.op("select");
  fn.set(result);
};

/** For each [start, stop) of `step` bytes in [from, end), the last one shorter. */
const forRuns = (
  fn: FunctionBuilder,
  from: Local,
  end: Local,
  step: () => void,
  start: Local,
  stop: Local,
  body: () => void,
): void => {
  fn.get(from);
  fn.set(start);
  endlessLoop(fn, (done) => {
    fn.get(start);
    fn.get(end);
    fn.op("i32.ge_u");
    fn.brIf(done);
    minimum(
      fn,
      () => {
        fn.get(start);
        step();
        fn.op("i32.add");
      },
      end,
      stop,
    );
    body();
    fn.get(stop);
    fn.set(start);
  });
};

const insertionSort = (code: Code, name: string, compare: CompareRows, start: Local, stop: Local): void => {
  const { fn } = code;
  const [next, hole, before, row] = Array.from({ length: 4 }, () => fn.local("i32")) as [Local, Local, Local, Local];
  const prefix = fn.local("i64");
  const other = fn.local("i64");
  fn.get(start);
  fn.set(next);
  endlessLoop(fn, (done) => {
    advance(fn, next, sortEntry.bytes);
    fn.get(next);
    fn.get(stop);
    fn.op("i32.ge_u");
    fn.brIf(done);
    fn.get(next);
    fn.mem("i64.load", sortEntry.prefix);
    fn.set(prefix);
    fn.get(next);
    fn.mem("i32.load", sortEntry.row);
    fn.set(row);
    fn.get(next);
    fn.set(hole);
    endlessLoop(fn, (placed) => {
      fn.get(hole);
      fn.get(start);
      fn.op("i32.eq");
      fn.brIf(placed);
      fn.get(hole);
      fn.i32(sortEntry.bytes);
      fn.op("i32.sub");
      fn.tee(before);
      fn.mem("i64.load", sortEntry.prefix);
      fn.set(other);
      fn.block((shift) => {
        branchIfAfter(code, name, compare, entryAt(fn, before, other), { prefix, row: () => fn.get(row) }, shift);
        fn.br(placed);
      });
      copyEntry(fn, before, hole);
      fn.get(before);
      fn.set(hole);
    });
    fn.get(hole);
    fn.get(prefix);
    fn.mem("i64.store", sortEntry.prefix);
    fn.get(hole);
    fn.get(row);
    fn.mem("i32.store", sortEntry.row);
  });
};
