import type { FunctionRef, Local } from "../../wasm/function-builder.ts";
import { Code } from "../code.ts";
import { endlessLoop } from "../loops.ts";
import { advance, branchIfAfter, type CompareRows, copyEntry, ENTRY_SHIFT, entryAt, sortEntry } from "./sort-entry.ts";

/** Merges [left, leftEnd) and [right, rightEnd) to `out`; left, right and out move on to their ends. */
export const merge = (
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
    checkNowAndThen(code, out);
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

/** Asks whether the query is cancelled, once for 1,024 entries that are written. */
const checkNowAndThen = (code: Code, out: Local): void => {
  const { fn } = code;
  fn.get(out);
  fn.i32(1023 << ENTRY_SHIFT);
  fn.op("i32.and");
  fn.op("i32.eqz");
  fn.if(() => code.checkCancelled());
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
