import { only, type Value } from "../../../expressions/value.ts";
import { threadContext } from "../../../layout/context.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import { ROW_BUFFER_BYTES } from "../../row-buffer.ts";
import type { KeyFilter } from "../../runtime-filter-plan.ts";
import { type JoinTable, KEY_BOUNDS_BYTES, stateAddress } from "./join-table.ts";

const LARGEST = 0x7fffffffffffffffn;
const SMALLEST = -0x8000000000000000n;

const boundsOffset = ({ key }: KeyFilter): number => ROW_BUFFER_BYTES + KEY_BOUNDS_BYTES * key;

/** Keeps the keys' bounds in locals while `process` runs. */
export const openKeyBounds = (
  pipeline: PipelineBuilder,
  table: JoinTable,
): { readonly widen: (keys: readonly Value[], unmatchable: Local | undefined) => void } => {
  const { code } = pipeline;
  const { fn } = code;
  const tracked = table.filters.filter(({ keyBytes }) => keyBytes !== 0);
  const own = tracked.length === 0 ? undefined : table.threads.own(code);
  const open = tracked.map((filter) => {
    const offset = boundsOffset(filter);
    const bound = (name: string, at: number, flip: bigint): Local => {
      const local = code.atEntry(
        `bounds ${table.state} ${filter.key} ${name}`,
        () => {
          fn.get(own!);
          fn.mem("i64.load", at);
          fn.i64(flip);
          fn.op("i64.xor");
        },
        "i64",
      );
      pipeline.atExit(() => {
        fn.get(own!);
        fn.get(local);
        fn.i64(flip);
        fn.op("i64.xor");
        fn.mem("i64.store", at);
      });
      return local;
    };
    return { filter, min: bound("min", offset, LARGEST), max: bound("max", offset + 8, SMALLEST) };
  });
  const widenOne = (key: Value, { min, max }: { readonly min: Local; readonly max: Local }): void => {
    const word = fn.local("i64");
    fn.get(only(key));
    if (key.storage === "int32") fn.op("i64.extend_i32_s");
    fn.set(word);
    for (const [bound, better] of [
      [min, "i64.lt_s"],
      [max, "i64.gt_s"],
    ] as const) {
      fn.get(word);
      fn.get(bound);
      fn.get(word);
      fn.get(bound);
      fn.op(better);
      fn.op("select");
      fn.set(bound);
    }
  };
  return {
    widen: (keys, unmatchable) => {
      const widenAll = (): void => {
        for (const { filter, min, max } of open) widenOne(keys[filter.key]!, { min, max });
      };
      if (open.length === 0) return;
      if (unmatchable === undefined || !table.keepsUnmatchable) return widenAll();
      fn.get(unmatchable);
      fn.op("i32.eqz");
      fn.if(widenAll);
    },
  };
};

/** Once the rows are listed: makes the empty filters. */
export const createFilters = (code: Code, { state, threads, filters, index }: JoinTable): void => {
  const { fn } = code;
  for (const filter of filters) {
    pushFilter(code, filter);
    fn.get(stateAddress(code, state));
    if (filter.keyBytes === 0) {
      fn.i32(0);
    } else {
      fn.get(threads.all(code));
      fn.i32(boundsOffset(filter));
      fn.op("i32.add");
    }
    fn.i32(threads.stride);
    fn.get(code.field(threadContext.threadCount));
    fn.i32((filter === index ? 1 : 0) + (filter.forScans ? 2 : 0));
    fn.get(code.arena);
    code.kernel("runtimeFilterCreate");
  }
};

/** Adds the keys of one segment of the rows. */
export const insertIntoFilters = (code: Code, table: JoinTable, task: Local): void => {
  const { fn } = code;
  for (const filter of table.filters) {
    pushFilter(code, filter);
    fn.get(stateAddress(code, table.state));
    fn.get(task);
    fn.i32(table.stride);
    fn.i32(table.keyFields[filter.key]!.offset);
    fn.i32(filter.keyBytes);
    fn.get(code.field(threadContext.threadCount));
    code.kernel("runtimeFilterInsert");
  }
};

export const pushFilter = (code: Code, { state }: KeyFilter): void => {
  code.fn.get(code.states);
  code.fn.i32(state);
  code.fn.op("i32.add");
};
