import { type SortKey, uint32 } from "@headcut/plan";
import { threadContext } from "../../layout/context.ts";
import type { Local } from "../../wasm/function-builder.ts";
import type { Code } from "../code.ts";
import { countedLoop, pushElement } from "../loops.ts";
import type { QueryBuilder } from "../query-builder.ts";
import type { Field } from "../row-layout.ts";
import type { ThreadStates } from "../thread-states.ts";
import { compareFields } from "./compare-fields.ts";
import { lowerBoundFunction, mergeFunction } from "./merge.ts";
import { type CompareRows, sortEntry } from "./sort-entry.ts";
import { isPrefixExact } from "./sort-prefix.ts";

/** Byte offsets in a thread's block that sort and top-N share; kernels/pipelines/sort.ts knows them too. */
export const sortRun = {
  /** The row buffer. */
  buffer: 0,
  /** Address of the entries (sort-entry.ts), which are sorted when the run is finished. */
  entries: 16,
  count: 20,
  /** Room for as many entries. */
  scratch: 24,
  bytes: 28,
} as const;

/** Byte offsets in the sink's shared state; kernels/pipelines/sort.ts knows them too. */
const sortState = {
  /** Pieces of the result, which are merged independently. */
  tasks: 0,
  rowCount: 4,
  /** Address of the array of row addresses in order. */
  output: 8,
  /** Address of `tasks` - 1 entries: the first of every piece but the first. */
  splitters: 12,
  /** The list of what is left after offset and limit. */
  list: 16,
  bytes: 32,
} as const;

/** How the rows of one sort compare: its name in a module, and what decides when prefixes are equal. */
export interface RowOrder {
  readonly name: string;
  readonly compare: CompareRows;
}

export const rowOrder = (operatorId: number, keys: readonly SortKey[], fields: readonly Field[]): RowOrder => {
  const [first] = keys;
  const exact = keys.length === 1 && isPrefixExact(first!.expression.type, fields[0]!.nullOffset !== undefined);
  return {
    name: `${operatorId}`,
    compare: exact ? undefined : (code, a, b) => compareFields(code, operatorId, keys, fields, a, b),
  };
};

/**
 * Adds the phases that bring the threads' sorted runs together: pieces of the result between splitters of the largest run are merged
 * in parallel, each with what lies between the same splitters in every run. Returns the row list's offset in the states block.
 */
export const mergeRuns = (
  query: QueryBuilder,
  operatorId: number,
  order: RowOrder,
  threads: ThreadStates,
  { limit, offset }: { readonly limit: number | undefined; readonly offset: number },
): number => {
  const state = query.state(sortState.bytes);
  const pipeline = query.last;
  const pushState = (code: Code): void => {
    code.fn.get(code.states);
    code.fn.i32(state);
    code.fn.op("i32.add");
  };
  pipeline.after("once", "split", (code) => {
    const { fn } = code;
    pushState(code);
    fn.get(threads.all(code));
    fn.i32(threads.stride);
    fn.get(code.field(threadContext.threadCount));
    fn.get(code.arena);
    code.kernel("sortSplit");
    code.checkAllocated(operatorId);
  });
  pipeline.tasks(state + sortState.tasks, "merge", (code, task) => {
    mergePiece(code, operatorId, order, threads, state, task);
  });
  pipeline.after("once", "publish", (code) => {
    const { fn, module } = code;
    const constants = module.constantsAddress(fn, code.context);
    const pushConstant = (value: number): void => {
      const slot = module.constant(uint32, value);
      fn.get(constants);
      fn.mem("i32.load", slot);
    };
    pushState(code);
    pushConstant(Math.min(offset, MAX_ROWS));
    pushConstant(Math.min(limit ?? MAX_ROWS, MAX_ROWS));
    fn.get(code.arena);
    code.kernel("sortPublish");
    code.checkAllocated(operatorId);
  });
  return state + sortState.list;
};

const MAX_ROWS = 0xffff_ffff;

const mergePiece = (
  code: Code,
  operatorId: number,
  { name, compare }: RowOrder,
  threads: ThreadStates,
  state: number,
  task: Local,
): void => {
  const { fn } = code;
  const local = (): Local => fn.local("i32");
  const { states } = code;
  const field = (offset: number): Local =>
    code.atEntry(`sort ${offset}`, () => {
      fn.get(states);
      fn.mem("i32.load", state + offset);
    });

  const [tasks, splitters, output] = [field(sortState.tasks), field(sortState.splitters), field(sortState.output)];
  const [bounds, before, size, thread, bound, run, end] = Array.from({ length: 7 }, local) as Locals7;
  const threadCount = code.field(threadContext.threadCount);
  const allocate = (to: Local, push: () => void): void => {
    fn.get(code.arena);
    push();
    fn.call(code.module.kernel("arenaAllocate"));
    fn.tee(to);
    code.checkAllocated(operatorId);
  };

  // Where the piece begins and ends in every run; how many rows come before it, and how many it has.
  allocate(bounds, () => {
    fn.get(threadCount);
    fn.i32(3);
    fn.op("i32.shl");
  });
  countedLoop(fn, threadCount, (index) => {
    pushElement(fn, threads.all(code), index, threads.stride);
    fn.tee(thread);
    fn.mem("i32.load", sortRun.entries);
    fn.tee(run);
    fn.get(thread);
    fn.mem("i32.load", sortRun.count);
    fn.i32(4);
    fn.op("i32.shl");
    fn.op("i32.add");
    fn.set(end);
    pushElement(fn, bounds, index, 8);
    fn.set(bound);
    const search = (pushSplitterNumber: () => void): void => {
      const number = local();
      pushSplitterNumber();
      fn.set(number);
      fn.get(code.context);
      fn.get(run);
      fn.get(end);
      pushElement(fn, splitters, number, sortEntry.bytes);
      fn.call(lowerBoundFunction(code, name, compare));
    };
    fn.get(bound);
    fn.get(task);
    fn.if(
      () =>
        search(() => {
          fn.get(task);
          fn.i32(1);
          fn.op("i32.sub");
        }),
      () => fn.get(run),
      "i32",
    );
    fn.mem("i32.store", 0);
    fn.get(bound);
    fn.get(task);
    fn.i32(1);
    fn.op("i32.add");
    fn.get(tasks);
    fn.op("i32.lt_u");
    fn.if(
      () => search(() => fn.get(task)),
      () => fn.get(end),
      "i32",
    );
    fn.mem("i32.store", 4);
    const addEntries = (total: Local, pushTo: () => void, pushFrom: () => void): void => {
      pushTo();
      pushFrom();
      fn.op("i32.sub");
      fn.i32(4);
      fn.op("i32.shr_u");
      fn.get(total);
      fn.op("i32.add");
      fn.set(total);
    };
    const pushBound = (offset: number) => (): void => {
      fn.get(bound);
      fn.mem("i32.load", offset);
    };
    addEntries(before, pushBound(0), () => fn.get(run));
    addEntries(size, pushBound(4), pushBound(0));
  });

  const [merged, mergedEnd, spare, swapped] = Array.from({ length: 4 }, local) as [Local, Local, Local, Local];
  for (const buffer of [merged, spare]) {
    allocate(buffer, () => {
      fn.get(size);
      fn.i32(4);
      fn.op("i32.shl");
      fn.i32(sortEntry.bytes);
      fn.op("i32.add");
    });
  }
  fn.get(merged);
  fn.set(mergedEnd);
  countedLoop(fn, threadCount, (index) => {
    fn.get(code.context);
    fn.get(merged);
    fn.get(mergedEnd);
    for (const offset of [0, 4]) {
      pushElement(fn, bounds, index, 8);
      fn.mem("i32.load", offset);
    }
    fn.get(spare);
    fn.call(mergeFunction(code, name, compare));
    fn.set(mergedEnd);
    fn.get(merged);
    fn.set(swapped);
    fn.get(spare);
    fn.set(merged);
    fn.get(swapped);
    fn.set(spare);
  });

  const target = local();
  pushElement(fn, output, before, 4);
  fn.set(target);
  countedLoop(fn, size, (index) => {
    pushElement(fn, target, index, 4);
    pushElement(fn, merged, index, sortEntry.bytes);
    fn.mem("i32.load", sortEntry.row);
    fn.mem("i32.store");
  });
};

type Locals7 = [Local, Local, Local, Local, Local, Local, Local];
