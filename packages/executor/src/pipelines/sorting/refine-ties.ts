import type { SortKey } from "@headcut/plan";
import { storageOf } from "../../layout/storage.ts";
import type { FunctionRef, Local } from "../../wasm/function-builder.ts";
import { Code } from "../code.ts";
import { countedLoop, endlessLoop, pushElement } from "../loops.ts";
import { type Field, loadField } from "../row-layout.ts";
import { sortFunction } from "./merge-sort.ts";
import { ENTRY_SHIFT, sortEntry } from "./sort-entry.ts";
import { emitSortPrefix, isPrefixExact, nullPrefix, pushDirected } from "./sort-prefix.ts";
import type { RowOrder } from "./sorted-runs.ts";

/** What the functions of this file know of a sort. */
export interface TiedSort {
  readonly order: RowOrder;
  readonly keys: readonly SortKey[];
  readonly keyFields: readonly Field[];
}

/** Fewer rows are sorted before the code that refines their ties is compiled. */
export const MANY_ROWS = 20_000;

/** Fewer rows are compared at once. Such a run is sorted in place. */
const FEW_ROWS = 12;
/** What `stringsCommon` says of strings that are all the same. */
const ALL_SAME = -1;
const PREFIX_BYTES = 8;

/**
 * A function (context, entries, scratch, count) that puts entries, sorted by their prefixes, into the order of their rows. Rows of one
 * prefix get another one, of the string's next bytes that are not common to them all or of the next key, and are sorted by that, and so on:
 * every row is read once for each prefix instead of for each comparison. In the end entries have the prefixes that they came with.
 */
export const refineFunction = (outer: Code, sort: TiedSort): FunctionRef =>
  outer.module.helper(`refine ${sort.order.name}`, ["i32", "i32", "i32", "i32"], [], (fn) => {
    const code = new Code(fn, outer.module, fn.params[0]!);
    const [, entries, scratch, count] = fn.params as [Local, Local, Local, Local];
    forTies(code, entries, scratch, count, (run, runScratch, runCount, prefix) => {
      refineTied(code, sort, 0, [run, runScratch, runCount], prefix);
      countedLoop(fn, runCount, (index) => {
        pushElement(fn, run, index, sortEntry.bytes);
        fn.get(prefix);
        fn.mem("i64.store", sortEntry.prefix);
      });
    });
  });

type Run = readonly [entries: Local, scratch: Local, count: Local];

/** Calls `body` for each run of two or more entries with one prefix. */
const forTies = (
  { fn }: Code,
  entries: Local,
  scratch: Local,
  count: Local,
  body: (entries: Local, scratch: Local, count: Local, prefix: Local) => void,
): void => {
  const [first, next, length, run, runScratch] = Array.from({ length: 5 }, () => fn.local("i32")) as Locals5;
  const prefix = fn.local("i64");
  const pushPrefix = (index: Local): void => {
    pushElement(fn, entries, index, sortEntry.bytes);
    fn.mem("i64.load", sortEntry.prefix);
  };
  fn.i32(0);
  fn.set(first);
  endlessLoop(fn, (done) => {
    fn.get(first);
    fn.get(count);
    fn.op("i32.ge_u");
    fn.brIf(done);
    pushPrefix(first);
    fn.set(prefix);
    fn.get(first);
    fn.set(next);
    endlessLoop(fn, (ended) => {
      fn.get(next);
      fn.i32(1);
      fn.op("i32.add");
      fn.tee(next);
      fn.get(count);
      fn.op("i32.ge_u");
      fn.brIf(ended);
      pushPrefix(next);
      fn.get(prefix);
      fn.op("i64.ne");
      fn.brIf(ended);
    });
    fn.get(next);
    fn.get(first);
    fn.op("i32.sub");
    fn.tee(length);
    fn.i32(1);
    fn.op("i32.gt_u");
    fn.if(() => {
      pushElement(fn, entries, first, sortEntry.bytes);
      fn.set(run);
      pushElement(fn, scratch, first, sortEntry.bytes);
      fn.set(runScratch);
      body(run, runScratch, length, prefix);
    });
    fn.get(next);
    fn.set(first);
  });
};

type Locals5 = [Local, Local, Local, Local, Local];

/** Sorts a run whose rows have equal keys before `position` and one prefix of that key: of a string, its first bytes. */
const refineTied = (code: Code, sort: TiedSort, position: number, run: Run, prefix: Local): void => {
  const { fn } = code;
  const { type } = sort.keys[position]!.expression;
  const nullable = sort.keyFields[position]!.nullOffset !== undefined;
  const values = (): void => {
    if (storageOf(type) === "string") callRefineString(code, sort, position, run, () => fn.i32(PREFIX_BYTES));
    else if (isPrefixExact(type, false)) refineNext(code, sort, position + 1, run);
    else compareAll(code, sort, run);
  };
  if (!nullable) {
    values();
    return;
  }
  // NULLs, and values that may look like them.
  fn.get(prefix);
  fn.i64(nullPrefix(sort.keys[position]!));
  fn.op("i64.eq");
  fn.if(() => compareAll(code, sort, run), values);
};

/** Sorts a run whose rows have equal keys before `position`. */
const refineNext = (code: Code, sort: TiedSort, position: number, run: Run): void => {
  const key = sort.keys[position];
  if (key === undefined) return;
  const field = sort.keyFields[position]!;
  if (storageOf(key.expression.type) === "string" && field.nullOffset === undefined) {
    callRefineString(code, sort, position, run, () => code.fn.i32(0));
    return;
  }
  const refine = code.module.helper(`refine ${sort.order.name} ${position}`, RUN_PARAMS, [], (fn) => {
    const inner = new Code(fn, code.module, fn.params[0]!);
    const own = fn.params.slice(1) as [Local, Local, Local];
    few(inner, sort, own, () => {
      sortByPrefix(inner, own, (row) => emitSortPrefix(inner, loadField(inner, field, row), key.expression.type, key));
      forTies(inner, ...own, (entries, scratch, count, prefix) =>
        refineTied(inner, sort, position, [entries, scratch, count], prefix),
      );
    });
  });
  pushRun(code, run);
  code.fn.call(refine);
};

const RUN_PARAMS = ["i32", "i32", "i32", "i32"] as const;

/** Sorts a run of strings, none of them NULL, which are the same up to `offset`, or end before it. */
const callRefineString = (code: Code, sort: TiedSort, position: number, run: Run, pushOffset: () => void): void => {
  const key = sort.keys[position]!;
  const field = sort.keyFields[position]!;
  const name = `refine ${sort.order.name} ${position} string`;
  const refine = code.module.helper(name, [...RUN_PARAMS, "i32"], [], (fn) => {
    const inner = new Code(fn, code.module, fn.params[0]!);
    const [, entries, scratch, count, offset] = fn.params as Locals5;
    const own: Run = [entries, scratch, count];
    const common = fn.local("i32");
    few(inner, sort, own, () => {
      fn.get(entries);
      fn.get(count);
      fn.i32(field.offset);
      fn.get(offset);
      inner.kernel("stringsCommon");
      fn.tee(common);
      fn.i32(ALL_SAME);
      fn.op("i32.eq");
      fn.if(
        () => refineNext(inner, sort, position + 1, own),
        () => {
          fn.get(common);
          fn.get(offset);
          fn.op("i32.lt_u");
          fn.if(
            // Only zero bytes at the ends make a difference, which prefixes do not show.
            () => compareAll(inner, sort, own),
            () => {
              sortByPrefix(inner, own, (row) => {
                pushDirected(inner, key, () => {
                  fn.get(row);
                  fn.mem("i64.load", field.offset);
                  fn.get(common);
                  inner.kernel("stringPrefixAt");
                });
              });
              forTies(inner, ...own, (tied, tiedScratch, tiedCount) =>
                callRefineString(inner, sort, position, [tied, tiedScratch, tiedCount], () => {
                  fn.get(common);
                  fn.i32(PREFIX_BYTES);
                  fn.op("i32.add");
                }),
              );
            },
          );
        },
      );
    });
  });
  pushRun(code, run);
  pushOffset();
  code.fn.call(refine);
};

const pushRun = ({ fn, context }: Code, [entries, scratch, count]: Run): void => {
  for (const local of [context, entries, scratch, count]) fn.get(local);
};

/** Few rows are compared, the others are for `many`. */
const few = (code: Code, sort: TiedSort, run: Run, many: () => void): void => {
  const { fn } = code;
  fn.get(run[2]);
  fn.i32(FEW_ROWS);
  fn.op("i32.le_u");
  fn.if(() => compareAll(code, sort, run), many);
};

/** Gives each entry of the run the prefix that `push` leaves for its row, and sorts by that. */
const sortByPrefix = (code: Code, run: Run, push: (row: Local) => void): void => {
  const { fn } = code;
  code.checkCancelled();
  const row = fn.local("i32");
  const [entries, , count] = run;
  countedLoop(fn, count, (index) => {
    pushElement(fn, entries, index, sortEntry.bytes);
    pushElement(fn, entries, index, sortEntry.bytes);
    fn.mem("i32.load", sortEntry.row);
    fn.set(row);
    push(row);
    fn.mem("i64.store", sortEntry.prefix);
  });
  sortInPlace(code, sortFunction(code, "prefixes", undefined), run);
};

/** Sorts the run, whose entries have one prefix, by comparing rows. */
const compareAll = (code: Code, { order }: TiedSort, run: Run): void => {
  sortInPlace(code, sortFunction(code, order.name, order.compare), run);
};

const sortInPlace = (code: Code, sort: FunctionRef, run: Run): void => {
  const { fn } = code;
  const [entries, , count] = run;
  const sorted = fn.local("i32");
  pushRun(code, run);
  fn.call(sort);
  fn.tee(sorted);
  fn.get(entries);
  fn.op("i32.ne");
  fn.if(() => {
    fn.get(entries);
    fn.get(sorted);
    fn.get(count);
    fn.i32(ENTRY_SHIFT);
    fn.op("i32.shl");
    fn.memoryCopy();
  });
};
