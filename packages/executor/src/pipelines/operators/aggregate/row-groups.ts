import type { ColumnId } from "@headcut/plan";
import type { Local } from "../../../wasm/function-builder.ts";
import { expressionColumns } from "../../expression-columns.ts";
import { REMEMBERED_ROWS } from "../../leader-plan.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { QueryBuilder } from "../../query-builder.ts";
import type { KeptColumn, Row } from "../../row.ts";
import { ThreadStates } from "../../thread-states.ts";
import { hashSavesComparing } from "./group-hash.ts";
import type { AggregatePlan } from "./plan-aggregate.ts";

/** An entry: { address of a kept row, address of its group }. */
const ENTRY_BYTES = 8;

/** The columns that the group's keys are made of, if all of them lie in one kept row and looking for a group takes long. */
export const keptKeys = (plan: AggregatePlan, row: Row): ReadonlyMap<ColumnId, KeptColumn> | undefined => {
  if (plan.dense !== undefined || !hashSavesComparing(plan)) return undefined;
  const columns = new Map<ColumnId, KeptColumn>();
  let kept: Local | undefined;
  for (const id of expressionColumns(...plan.groups.map(({ expression }) => expression))) {
    const column = row.kept(id);
    if (column === undefined || (kept !== undefined && column.row !== kept)) return undefined;
    kept = column.row;
    columns.set(id, column);
  }
  return columns.size === 0 ? undefined : columns;
};

/**
 * The address of the row's group, where its keys are a function of one row that a join has kept: many rows meet the same one, often one
 * after the other. Each thread remembers the groups of the last ones it met; `search` finds it from the keys.
 */
export const findGroupByRow = (
  query: QueryBuilder,
  pipeline: PipelineBuilder,
  operatorId: number,
  kept: Local,
  search: () => Local,
): Local => {
  const { code } = pipeline;
  const { fn } = code;
  const threads = new ThreadStates(query, operatorId, REMEMBERED_ROWS * ENTRY_BYTES);
  threads.open(pipeline);
  const entry = fn.local("i32");
  const group = fn.local("i32");
  fn.get(threads.own(code));
  fn.get(kept);
  // Rows are 16-aligned.
  fn.i32(4);
  fn.op("i32.shr_u");
  fn.i32(REMEMBERED_ROWS - 1);
  fn.op("i32.and");
  fn.i32(3);
  fn.op("i32.shl");
  fn.op("i32.add");
  fn.tee(entry);
  fn.mem("i32.load", 4);
  fn.set(group);
  fn.get(entry);
  fn.mem("i32.load");
  fn.get(kept);
  fn.op("i32.ne");
  fn.if(() => {
    fn.get(search());
    fn.set(group);
    fn.get(entry);
    fn.get(kept);
    fn.mem("i32.store");
    fn.get(entry);
    fn.get(group);
    fn.mem("i32.store", 4);
  });
  return group;
};
