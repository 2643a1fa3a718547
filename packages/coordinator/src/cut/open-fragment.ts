import { assert, type Column, type PhysicalPlan, type SortKey, type Table } from "@headcut/plan";
import type { Domains } from "./column-domains.ts";
import { type Fragment, type Output, type RemoteInput, type Runs, UNBOUND } from "./fragment.ts";
import type { Locality } from "./locality.ts";
import type { Partitioning } from "./partitioning.ts";
import { isRepeatable } from "./repeatable.ts";
import { NO_TRACES, type Traces } from "./traces.ts";

/** A fragment that operators are still added to, on top. */
export interface OpenFragment {
  readonly plan: PhysicalPlan;
  readonly runs: Runs;
  readonly inputs: readonly RemoteInput[];
  /** Of partitions only. */
  readonly partitioning: Partitioning;
  /** Of splits only. */
  readonly traces: Traces;
  /** CTEs that it reads and that are defined above: it cannot leave the fragment that defines them. */
  readonly ctes: ReadonlySet<number>;
}

/** What cutting a query knows throughout. */
export interface Cutting {
  /** Nodes to spread over; also the number of partitions. */
  readonly nodeCount: number;
  readonly locality: Locality;
  readonly domainOf: Domains;
  nextOperator(): number;
  nextColumn(): number;
  /** Takes a finished fragment, gives its id. */
  finish(fragment: Omit<Fragment, "fragmentId">): number;
}

export const isDistributed = (open: OpenFragment): boolean => open.runs.kind !== "coordinator";

/** Puts an operator, which must have the fragment's plan as its input, on top. */
export const withPlan = (
  open: OpenFragment,
  plan: PhysicalPlan,
  partitioning: Partitioning = open.partitioning,
): OpenFragment => ({ ...open, plan, partitioning });

/** Ends a fragment with an exchange; returns the scan that reads it, and the input to list for that scan. */
export const close = (
  open: OpenFragment,
  output: Output,
  cutting: Cutting,
): { readonly leaf: PhysicalPlan; readonly input: RemoteInput } => {
  assert(open.ctes.size === 0, "a fragment that reads a CTE was cut off from it");
  const { plan, inputs, runs } = open;
  const from = cutting.finish({ plan, inputs, runs, output, repeatable: isRepeatable(plan) });
  const operatorId = cutting.nextOperator();
  return { leaf: remoteScan(operatorId, from, plan), input: { operatorId, from } };
};

export const remoteName = (fragmentId: number): string => `fragment ${fragmentId}`;

const remoteScan = (operatorId: number, from: number, { columns, estimatedRows }: PhysicalPlan): PhysicalPlan => {
  const table: Table = {
    name: remoteName(from),
    columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    rowCount: 0,
    source: UNBOUND,
  };
  const read = columns.map((column: Column, index) => ({ ...column, index }));
  return { kind: "scan", operatorId, columns, estimatedRows, table, alias: table.name, read, filters: [] };
};

/** A new fragment at the coordinator that reads this one, unless it is there already. */
export const gathered = (open: OpenFragment, cutting: Cutting, order?: readonly SortKey[]): OpenFragment => {
  if (!isDistributed(open)) return open;
  const { leaf, input } = close(open, { kind: "gather", order }, cutting);
  return {
    plan: leaf,
    runs: { kind: "coordinator" },
    inputs: [input],
    partitioning: undefined,
    traces: NO_TRACES,
    ctes: new Set(),
  };
};
