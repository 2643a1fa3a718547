import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { QueryBuilder } from "../../query-builder.ts";
import type { EncodedColumn, Row } from "../../row.ts";
import { ThreadStates } from "../../thread-states.ts";
import type { AggregatePlan } from "./plan-aggregate.ts";

/** Combinations of codes that are worth an array: 256 KiB of addresses, which stay in the second-level cache. */
const MAX_COMBINATIONS = 1 << 16;

/** A thread's block; kernels/pipelines/group-table.ts knows it too. It begins with a slot for batches without codes. */
const block = { capacity: 4, array: 8, ids: 12 } as const;

/** The columns that the group's keys are made of, if all of them may come as codes. */
export const encodedKeys = (plan: AggregatePlan, row: Row): readonly EncodedColumn[] | undefined => {
  const columns = [...expressionColumns(...plan.groups.map(({ expression }) => expression))];
  const encoded = columns.flatMap((id) => row.encoded(id) ?? []);
  return encoded.length > 0 && encoded.length === columns.length ? encoded : undefined;
};

/**
 * The address of the row's group. Keys are a function of their columns' codes as long as the dictionaries stay the same; so each
 * thread keeps, for each combination of codes, the address of the group (0: not known yet), which `search` finds once from the keys.
 * Batches without codes, or with too many combinations of them, search for every row.
 */
export const findGroupByCodes = (
  query: QueryBuilder,
  pipeline: PipelineBuilder,
  operatorId: number,
  columns: readonly EncodedColumn[],
  search: () => Local,
): Local => {
  const { code } = pipeline;
  const { fn } = code;
  // Of this pipeline alone: another one that feeds the same groups has other dictionaries.
  const threads = new ThreadStates(query, operatorId, block.ids + 4 * columns.length);
  threads.open(pipeline);
  const own = threads.own(code);
  const strides = columns.map(() => fn.local("i32"));
  const combinations = fn.local("i32");
  const array = fn.local("i32");
  const slot = fn.local("i32");
  const group = fn.local("i32");
  countCombinations(code, columns, strides, combinations);
  // The fields are loaded here, not first inside the branch.
  const ids = columns.map(({ dictionaryId }) => dictionaryId);
  fn.atEntry(() => {
    fn.get(own);
    fn.set(slot);
    fn.get(combinations);
    fn.if(() => forgetOtherDictionaries(code, ids, own, combinations));
    fn.get(own);
    fn.mem("i32.load", block.array);
    fn.set(array);
  });

  fn.i32(0);
  fn.set(group);
  fn.get(combinations);
  fn.if(() => {
    fn.get(array);
    columns.forEach((column, i) => {
      pushCombined(code, column);
      if (i > 0) {
        fn.get(strides[i]!);
        fn.op("i32.mul");
      }
      fn.i32(2);
      fn.op("i32.shl");
      fn.op("i32.add");
    });
    fn.tee(slot);
    fn.mem("i32.load");
    fn.set(group);
  });
  fn.get(group);
  fn.op("i32.eqz");
  fn.if(() => {
    fn.get(search());
    fn.set(group);
    fn.get(slot);
    fn.get(group);
    fn.mem("i32.store");
  });
  return group;
};

/** At the entry: how many combinations of codes the batch may have, 0 if it has none or too many, and what one step of each code is. */
const countCombinations = (
  { fn }: Code,
  columns: readonly EncodedColumn[],
  strides: readonly Local[],
  combinations: Local,
): void => {
  const locals = columns.map(({ codes, dictionaryCount }) => ({ codes, dictionaryCount }));
  fn.atEntry(() => {
    fn.i32(1);
    fn.set(combinations);
    columns.forEach(({ nullable }, i) => {
      const { codes, dictionaryCount } = locals[i]!;
      fn.get(combinations);
      fn.set(strides[i]!);
      // Both factors are at most MAX_COMBINATIONS, 2^16: only their greatest product wraps, to 0, which means too many as well.
      fn.get(combinations);
      fn.get(dictionaryCount);
      if (nullable) {
        fn.i32(1);
        fn.op("i32.add");
      }
      fn.op("i32.mul");
      fn.i32(0);
      fn.get(codes);
      fn.i32(0);
      fn.op("i32.ne");
      fn.get(dictionaryCount);
      fn.i32(MAX_COMBINATIONS);
      fn.op("i32.lt_u");
      fn.op("i32.and");
      fn.op("select");
      fn.set(combinations);
      fn.get(combinations);
      fn.i32(0);
      fn.get(combinations);
      fn.i32(MAX_COMBINATIONS);
      fn.op("i32.le_u");
      fn.op("select");
      fn.set(combinations);
    });
  });
};

/** An empty array for these dictionaries, unless they are the last batch's. Without memory for it, the batch goes without codes. */
const forgetOtherDictionaries = (code: Code, ids: readonly Local[], own: Local, combinations: Local): void => {
  const { fn } = code;
  ids.forEach((id, i) => {
    fn.get(own);
    fn.mem("i32.load", block.ids + 4 * i);
    fn.get(id);
    fn.op("i32.ne");
    if (i > 0) fn.op("i32.or");
  });
  fn.if(() => {
    ids.forEach((id, i) => {
      fn.get(own);
      fn.get(id);
      fn.mem("i32.store", block.ids + 4 * i);
    });
    fn.get(own);
    fn.get(combinations);
    fn.get(code.arena);
    code.kernel("codeGroupsForget");
    fn.op("i32.eqz");
    fn.if(() => {
      fn.i32(0);
      fn.set(combinations);
      fn.get(own);
      fn.i32(0);
      fn.mem("i32.store", block.ids);
    });
  });
};

/** The row's code; that of NULL is the number of values. */
const pushCombined = ({ fn }: Code, column: EncodedColumn): void => {
  if (!column.nullable) {
    column.pushCode();
    return;
  }
  fn.get(column.dictionaryCount);
  column.pushCode();
  column.pushIsNull();
  fn.op("select");
};
