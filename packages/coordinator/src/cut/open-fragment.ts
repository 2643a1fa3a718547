import { assert, type Column, type PhysicalPlan, type PhysicalScan, type SortKey, type Table } from "@headcut/plan";
import type { Domains } from "./column-domains.ts";
import { type Fragment, type KeyInput, type Output, type RemoteInput, type Runs, UNBOUND } from "./fragment.ts";
import type { Locality } from "./locality.ts";
import type { Partitioning } from "./partitioning.ts";
import { isRepeatable } from "./repeatable.ts";
import { NO_TRACES, type Traces } from "./traces.ts";

/** A fragment that operators are still added to, on top. */
export interface OpenFragment {
  readonly plan: PhysicalPlan;
  readonly runs: Runs;
  readonly inputs: readonly RemoteInput[];
  /** Only of one that is about to end. */
  readonly keyInputs?: readonly KeyInput[];
  /** Of partitions only. */
  readonly partitioning: Partitioning;
  /** Of splits only. */
  readonly traces: Traces;
  /** It reads nothing but what every task can read whole: any task may run it by itself, if its plan is repeatable. */
  readonly everywhere?: boolean;
  /** CTEs that it reads and that are defined above: it cannot leave the fragment that defines them. */
  readonly ctes: ReadonlySet<number>;
}

/** Until fragments are numbered, they name their inputs by the order in which they were finished. */
export type FinishedFragment = Omit<Fragment, "fragmentId">;

export interface FinishedDefinition {
  readonly from: number;
  readonly columns: readonly Column[];
}

/** What cutting a query knows throughout. */
export interface Cutting {
  /** Nodes to spread over; also the number of partitions. */
  readonly nodeCount: number;
  readonly locality: Locality;
  readonly domainOf: Domains;
  /** Definitions of CTEs that are fragments of their own, by the CTE: each use reads all of what they put out. */
  readonly definitions: Map<number, FinishedDefinition>;
  nextOperator(): number;
  nextColumn(): number;
  /** Takes a finished fragment, gives its id. */
  finish(fragment: FinishedFragment): number;
  finished(id: number): FinishedFragment;
  /** Puts another in its place. */
  amend(id: number, fragment: FinishedFragment): void;
}

export const isEverywhere = ({ everywhere = false, plan }: OpenFragment): boolean => everywhere && isRepeatable(plan);

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
  const { plan, inputs, keyInputs, runs } = open;
  const from = cutting.finish({
    plan,
    inputs,
    ...(keyInputs !== undefined && { keyInputs }),
    runs,
    output,
    repeatable: isRepeatable(plan),
  });
  const operatorId = cutting.nextOperator();
  const leaf = remoteScan(operatorId, remoteName(from), plan.columns, plan.estimatedRows);
  return { leaf, input: { operatorId, from } };
};

export const remoteName = (fragmentId: number): string => `fragment ${fragmentId}`;
export const remoteKeysName = (fragmentId: number): string => `keys of fragment ${fragmentId}`;

/** A scan that is told what to read with each task. */
export const remoteScan = (
  operatorId: number,
  name: string,
  columns: readonly Column[],
  estimatedRows: number,
): PhysicalScan => {
  const table: Table = {
    name,
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
