import { type Column, columnRef, type PhysicalPlan } from "@headcut/plan";
import { type BoundQuery, bind, columnIds, parse, planQuery } from "@headcut/planner";
import { type Fragment, type RemoteInput, UNBOUND } from "../../src/cut/fragment.ts";

/** A query that reads no table. */
export const planOf = (sql: string): PhysicalPlan => {
  const ids = columnIds();
  const [statement] = parse(sql);
  const context = { lookupTable: () => undefined, tableNames: () => [], parameters: [], nowMicros: 0n };
  const bound = bind(statement!, context, ids) as BoundQuery;
  return planQuery(bound.plan, bound.names, ids).physical;
};

/** A scan that hands on what another fragment puts out. */
export const handOn = (operatorId: number, columns: readonly Column[]): PhysicalPlan => ({
  kind: "scan",
  operatorId,
  columns,
  estimatedRows: 1,
  alias: "t",
  filters: [],
  read: columns.map((column, index) => ({ ...column, index })),
  table: {
    name: "t",
    columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    rowCount: 0,
    source: UNBOUND,
  },
});

/** The rows of another fragment, descending by their first column: not handed on as they are. */
export const sorted = (operatorId: number, columns: readonly Column[]): PhysicalPlan => ({
  kind: "sort",
  operatorId: operatorId + 1,
  columns,
  estimatedRows: 1,
  input: handOn(operatorId, columns),
  keys: [{ expression: columnRef(columns[0]!), descending: true, nullsFirst: false }],
});

export const fragmentOf = (
  fragmentId: number,
  plan: PhysicalPlan,
  output: Fragment["output"],
  inputs: readonly RemoteInput[] = [],
): Fragment => ({ fragmentId, plan, output, inputs, runs: { kind: "coordinator" }, repeatable: true });

/** So many thousands of rows. */
export const numbers = (count: number) =>
  planOf(
    `SELECT i + 1000 * j AS k, 'value of ' || CAST(i * j AS VARCHAR) AS v FROM range(1000) a(i), range(${count / 1000}) b(j)`,
  );

export const BROADCAST = { kind: "broadcast" } as const;

/** Fragment 2, which makes them. */
export const producer = (count: number, output: Fragment["output"] = BROADCAST): Fragment =>
  fragmentOf(2, numbers(count), output);
