import { threadContext } from "../../../layout/context.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { QueryBuilder } from "../../query-builder.ts";
import { findLeaders } from "./find-leaders.ts";
import { type JoinTable, joinState, stateAddress } from "./join-table.ts";
import { createFilters, insertIntoFilters, pushFilter } from "./key-filters.ts";

/** Of at most 4096 rows each, some 10 ns a row. */
const FEW_SEGMENTS = 3;

/** The phases between build and probe: list the rows, gather their keys, make the directory, chain the rows in parallel. */
export const finishBuild = (query: QueryBuilder, table: JoinTable): void => {
  const { plan, state, threads, stride, filters } = table;
  const pipeline = query.last;
  pipeline.after("once", "collect", (code) => {
    const { fn } = code;
    fn.get(stateAddress(code, state));
    fn.get(threads.all(code));
    fn.i32(threads.stride);
    fn.get(code.field(threadContext.threadCount));
    fn.i32(stride);
    fn.get(code.arena);
    code.kernel("joinTableCollect");
    code.checkAllocated(plan.operatorId);
    createFilters(code, table);
    if (filters.length === 0) createDirectory(code, table);
  });
  if (filters.length > 0) {
    // Before the rows are chained, which overwrites what tells rows with a NULL key.
    pipeline.tasks(
      state + joinState.segmentCount,
      "keys",
      (code, task) => insertIntoFilters(code, table, task),
      FEW_SEGMENTS,
    );
    pipeline.after("once", "directory", (code) => createDirectory(code, table));
  }
  insertRows(pipeline, table);
  findLeaders(pipeline, table);
};

/** Makes the empty directory for the rows that are listed. */
export const createDirectory = (code: Code, table: JoinTable): void => {
  code.fn.get(stateAddress(code, table.state));
  pushIndex(code, table);
  code.fn.i32(table.asksOnlyWhether ? 1 : 0);
  code.fn.get(code.arena);
  code.kernel("joinTableCreate");
  code.checkAllocated(table.plan.operatorId);
};

/** Chains the rows that are listed. */
export const insertRows = (pipeline: PipelineBuilder, table: JoinTable): void => {
  const { state, stride, index } = table;
  const insert = (code: Code, task: Local): void => {
    const { fn } = code;
    fn.get(stateAddress(code, state));
    pushIndex(code, table);
    fn.get(task);
    fn.i32(stride);
    fn.i32(index === undefined ? 0 : table.keyFields[0]!.offset);
    fn.i32(index?.keyBytes ?? 0);
    fn.get(code.field(threadContext.threadCount));
    code.kernel("joinTableInsert");
  };
  pipeline.tasks(state + joinState.segmentCount, "insert", insert, FEW_SEGMENTS);
};

const pushIndex = (code: Code, { index }: JoinTable): void => {
  if (index === undefined) code.fn.i32(0);
  else pushFilter(code, index);
};
