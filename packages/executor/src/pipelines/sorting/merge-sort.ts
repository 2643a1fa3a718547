import type { FunctionBuilder, FunctionRef, Label, Local } from "../../wasm/function-builder.ts";
import { Code } from "../code.ts";
import { endlessLoop } from "../loops.ts";

/** What is sorted: { prefix: u64 (sort-prefix.ts), row address: u32, 0 }. */
export const sortEntry = { prefix: 0, row: 8, bytes: 16 } as const;
const ENTRY_SHIFT = 4;
/** Runs of so many entries are made by insertion. */
const RUN_BYTES = 12 * sortEntry.bytes;

/**
 * How rows with equal prefixes compare: leaves an i32 below, at or above zero; undefined when equal prefixes are equal
 * rows.
 */
export type CompareRows = ((code: Code, a: Local, b: Local) => void) | undefined;

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
        code.checkCancelled();
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

const copyEntry = (fn: FunctionBuilder, from: Local, to: Local): void => {
  fn.get(to);
  fn.get(from);
  fn.mem("v128.load");
  fn.mem("v128.store");
};

const advance = (fn: FunctionBuilder, pointer: Local, bytes: number): void => {
  fn.get(pointer);
  fn.i32(bytes);
  fn.op("i32.add");
  fn.set(pointer);
};

/** Branches to `label` if the entry (prefix, row) comes after the entry (prefix, row). */
const branchIfAfter = (
  code: Code,
  name: string,
  compare: CompareRows,
  a: { readonly prefix: Local; readonly row: () => void },
  b: { readonly prefix: Local; readonly row: () => void },
  label: Label,
): void => {
  const { fn } = code;
  fn.get(a.prefix);
  fn.get(b.prefix);
  fn.op("i64.gt_u");
  fn.brIf(label);
  if (compare === undefined) return;
  fn.get(a.prefix);
  fn.get(b.prefix);
  fn.op("i64.eq");
  fn.if(() => {
    fn.get(code.context);
    a.row();
    b.row();
    fn.call(compareFunction(code, name, compare));
    fn.i32(0);
    fn.op("i32.gt_s");
    fn.brIf(label);
  });
};

/** A function (context, a, b) → order of two rows. */
export const compareFunction = (outer: Code, name: string, compare: NonNullable<CompareRows>): FunctionRef =>
  outer.module.helper(`compare ${name}`, ["i32", "i32", "i32"], ["i32"], (fn) => {
    compare(new Code(fn, outer.module, fn.params[0]!), fn.params[1]!, fn.params[2]!);
  });

const entryAt = (fn: FunctionBuilder, pointer: Local, prefix: Local) => ({
  prefix,
  row: () => {
    fn.get(pointer);
    fn.mem("i32.load", sortEntry.row);
  },
});

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

/** Merges [left, leftEnd) and [right, rightEnd) to `out`; left, right and out move on to their ends. */
const merge = (
  code: Code,
  name: string,
  compare: CompareRows,
  [left, leftEnd]: readonly [Local, Local],
  [right, rightEnd]: readonly [Local, Local],
  out: Local,
): void => {
  const { fn } = code;
  const [leftPrefix, rightPrefix] = [fn.local("i64"), fn.local("i64")];
  endlessLoop(fn, (done) => {
    fn.get(left);
    fn.get(leftEnd);
    fn.op("i32.eq");
    fn.brIf(done);
    fn.get(right);
    fn.get(rightEnd);
    fn.op("i32.eq");
    fn.brIf(done);
    fn.get(left);
    fn.mem("i64.load", sortEntry.prefix);
    fn.set(leftPrefix);
    fn.get(right);
    fn.mem("i64.load", sortEntry.prefix);
    fn.set(rightPrefix);
    fn.block((taken) => {
      fn.block((takeRight) => {
        branchIfAfter(code, name, compare, entryAt(fn, left, leftPrefix), entryAt(fn, right, rightPrefix), takeRight);
        copyEntry(fn, left, out);
        advance(fn, left, sortEntry.bytes);
        fn.br(taken);
      });
      copyEntry(fn, right, out);
      advance(fn, right, sortEntry.bytes);
    });
    advance(fn, out, sortEntry.bytes);
  });
  for (const [rest, end] of [
    [left, leftEnd],
    [right, rightEnd],
  ] as const) {
    endlessLoop(fn, (done) => {
      fn.get(rest);
      fn.get(end);
      fn.op("i32.eq");
      fn.brIf(done);
      copyEntry(fn, rest, out);
      advance(fn, rest, sortEntry.bytes);
      advance(fn, out, sortEntry.bytes);
    });
  }
};

/** A function (context, left, leftEnd, right, rightEnd, out) → end of what was written: merges two sorted ranges of entries. */
export const mergeFunction = (outer: Code, name: string, compare: CompareRows): FunctionRef =>
  outer.module.helper(`merge ${name}`, ["i32", "i32", "i32", "i32", "i32", "i32"], ["i32"], (fn) => {
    const [context, left, leftEnd, right, rightEnd, out] = fn.params as [Local, Local, Local, Local, Local, Local];
    merge(new Code(fn, outer.module, context), name, compare, [left, leftEnd], [right, rightEnd], out);
    fn.get(out);
  });

/** A function (context, entries, end, bound) → address of the first of the sorted entries that does not come before the entry `bound`. */
export const lowerBoundFunction = (outer: Code, name: string, compare: CompareRows): FunctionRef =>
  outer.module.helper(`bound ${name}`, ["i32", "i32", "i32", "i32"], ["i32"], (fn) => {
    const [context, low, high, bound] = fn.params as [Local, Local, Local, Local];
    const code = new Code(fn, outer.module, context);
    const middle = fn.local("i32");
    const [prefix, boundPrefix] = [fn.local("i64"), fn.local("i64")];
    fn.get(bound);
    fn.mem("i64.load", sortEntry.prefix);
    fn.set(boundPrefix);
    endlessLoop(fn, (done) => {
      fn.get(low);
      fn.get(high);
      fn.op("i32.ge_u");
      fn.brIf(done);
      // low + half of the entries between
      fn.get(low);
      fn.get(high);
      fn.get(low);
      fn.op("i32.sub");
      fn.i32(ENTRY_SHIFT + 1);
      fn.op("i32.shr_u");
      fn.i32(ENTRY_SHIFT);
      fn.op("i32.shl");
      fn.op("i32.add");
      fn.tee(middle);
      fn.mem("i64.load", sortEntry.prefix);
      fn.set(prefix);
      fn.block((next) => {
        fn.block((before) => {
          branchIfAfter(code, name, compare, entryAt(fn, bound, boundPrefix), entryAt(fn, middle, prefix), before);
          fn.get(middle);
          fn.set(high);
          fn.br(next);
        });
        fn.get(middle);
        fn.i32(sortEntry.bytes);
        fn.op("i32.add");
        fn.set(low);
      });
    });
    fn.get(low);
  });
