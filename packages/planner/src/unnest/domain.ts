import type { Column, ColumnId, LogicalCteScan, LogicalPlan } from "@headcut/plan";
import { columnsOf, inputs } from "../traverse/plan.ts";
import { type IdSource, type Renumbered, renumber } from "../traverse/renumber.ts";
import { type DomainCopy, passAll } from "./unnested.ts";

/** The left side of a dependent join as the source of bindings, shared or copied as is cheaper. */
export interface DomainSource {
  copy(): DomainCopy;
  /** The left side as the join itself should read it, and the `with` to put around the join: once all copies are made. */
  finish(): { readonly left: LogicalPlan; around(plan: LogicalPlan): LogicalPlan };
}

/** Whether a plan reads one table at most, and so is cheaper to run again, narrowly, than to keep whole. */
export const readsOneTable = (plan: LogicalPlan): boolean => {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "series":
    case "cteScan":
      return true;
    case "filter":
    case "project":
      return readsOneTable(plan.input);
    case "join":
    case "aggregate":
    case "sort":
    case "limit":
    case "setOperation":
    case "with":
    case "repeat":
      return false;
  }
};

/** Bindings of the `outer` columns of `left`. */
export const domainSource = (left: LogicalPlan, outer: ReadonlySet<ColumnId>, ids: IdSource): DomainSource => {
  const wanted = columnsOf(left).filter((column) => outer.has(column.id));
  let shared: { readonly cteId: number; readonly definition: Renumbered } | undefined;
  const readShared = (columns: readonly Column[], fresh: boolean): LogicalCteScan => {
    shared ??= { cteId: ids.next(), definition: renumber(left, ids) };
    const { cteId, definition } = shared;
    return {
      kind: "cteScan",
      cteId,
      name: "outer",
      columns: columns.map((column) => ({
        ...column,
        id: fresh ? ids.next() : column.id,
        source: definition.ids.get(column.id)!,
      })),
    };
  };
  const read = (): { plan: LogicalPlan; columns: readonly Column[] } => {
    if (!readsOneTable(left)) {
      const scan = readShared(wanted, true);
      return { plan: scan, columns: scan.columns.map(({ source, ...column }) => column) };
    }
    const copy = renumber(left, ids);
    return { plan: copy.plan, columns: wanted.map((column) => ({ ...column, id: copy.ids.get(column.id)! })) };
  };
  return {
    copy() {
      const { plan, columns } = read();
      return {
        plan: { kind: "aggregate", input: plan, groups: passAll(columns), aggregates: [] },
        columns: new Map(columns.map((column, i) => [wanted[i]!.id, column])),
      };
    },
    finish() {
      if (shared === undefined) return { left, around: (plan) => plan };
      const { cteId, definition } = shared;
      return {
        left: readShared(columnsOf(left), false),
        around: (body) => ({ kind: "with", cteId, name: "outer", definition: definition.plan, body }),
      };
    },
  };
};

/** Whether the plan makes exactly one row, whatever its tables hold. */
export const makesOneRow = (plan: LogicalPlan): boolean => {
  switch (plan.kind) {
    case "aggregate":
      return plan.groups.length === 0;
    case "values":
      return plan.rows.length === 1;
    case "series":
      return plan.count === 1;
    case "project":
    case "sort":
      return makesOneRow(plan.input);
    case "limit":
      return plan.offset === 0 && (plan.limit === undefined || plan.limit > 0) && makesOneRow(plan.input);
    case "with":
      return makesOneRow(plan.body);
    case "join": {
      if (plan.joinKind === "mark" || plan.joinKind === "single") return makesOneRow(plan.left);
      const cross = plan.condition.kind === "constant" && plan.condition.value === true;
      return plan.joinKind === "inner" && cross && inputs(plan).every(makesOneRow);
    }
    case "scan":
    case "cteScan":
    case "filter":
    case "setOperation":
    case "repeat":
      return false;
  }
};
