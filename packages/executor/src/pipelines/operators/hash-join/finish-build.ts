import { threadContext } from "../../../layout/context.ts";
import type { QueryBuilder } from "../../query-builder.ts";
import { type JoinTable, joinState, stateAddress } from "./join-table.ts";
import { createFilters, insertIntoFilters } from "./key-filters.ts";

/** The phases between build and probe: list the rows, make the directory, chain the rows in parallel. */
export const finishBuild = (query: QueryBuilder, table: JoinTable): void => {
  const { plan, state, threads, stride } = table;
  const pipeline = query.last;
  pipeline.after("once", "directory", (code) => {
    const { fn } = code;
    fn.get(stateAddress(code, state));
    fn.get(threads.all(code));
    fn.i32(threads.stride);
    fn.get(code.field(threadContext.threadCount));
    fn.i32(stride);
    fn.get(code.arena);
    code.kernel("joinTableCreate");
    code.checkAllocated(plan.operatorId);
    createFilters(code, table);
  });
  pipeline.tasks(state + joinState.segmentCount, "insert", (code, task) => {
    const { fn } = code;
    // Chaining overwrites what tells rows with a NULL key.
    insertIntoFilters(code, table, task);
    fn.get(stateAddress(code, state));
    fn.get(task);
    fn.i32(stride);
    fn.get(code.field(threadContext.threadCount));
    code.kernel("joinTableInsert");
  });
};
