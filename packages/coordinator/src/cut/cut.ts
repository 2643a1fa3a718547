import type { PhysicalCteScan, PhysicalPlan, PhysicalScan, PhysicalSort, PhysicalTopN, Table } from "@headcut/plan";
import { physicalInputs } from "@headcut/plan";
import { cutAggregate } from "./aggregate.ts";
import { columnDomains } from "./column-domains.ts";
import { type FragmentedPlan, UNBOUND } from "./fragment.ts";
import { isWorthSharing } from "./inline-definitions.ts";
import { cutJoin } from "./join.ts";
import { type Locality, NO_LOCALITY } from "./locality.ts";
import {
  type Cutting,
  close,
  type FinishedDefinition,
  type FinishedFragment,
  gathered,
  isDistributed,
  type OpenFragment,
  remoteName,
  remoteScan,
  withPlan,
} from "./open-fragment.ts";
import { projected } from "./partitioning.ts";
import { renumbered } from "./renumber-fragments.ts";
import { isRepeatable } from "./repeatable.ts";
import { splitRuns } from "./split-runs.ts";
import { NO_TRACES, projectedTraces, scanTraces } from "./traces.ts";

export interface CutOptions {
  /** Nodes that take part, at least 1. */
  readonly nodeCount: number;
  /** By default nothing is known. */
  readonly locality?: Locality;
}

/**
 * Cuts a plan at exchanges, so that as much as possible runs where the shards are. Every operator has a way that is
 * always right, gathering its input at the coordinator, and better ones where they are allowed and estimated cheaper.
 * Tables in memory are the coordinator's; all others are read by splits.
 */
export const cut = (plan: PhysicalPlan, options: CutOptions): FragmentedPlan => {
  const ids = highestIds(plan);
  const finished: FinishedFragment[] = [];
  const cutting: Cutting = {
    nodeCount: options.nodeCount,
    locality: options.locality ?? NO_LOCALITY,
    domainOf: columnDomains(plan),
    definitions: new Map(),
    nextOperator: () => ++ids.operator,
    nextColumn: () => ++ids.column,
    finish: (fragment) => finished.push(fragment) - 1,
    finished: (id) => finished[id]!,
    amend: (id, fragment) => {
      finished[id] = fragment;
    },
  };
  const root = gathered(cutPlan(plan, cutting), cutting);
  cutting.finish({
    plan: root.plan,
    inputs: root.inputs,
    runs: root.runs,
    output: { kind: "result" },
    repeatable: false,
  });
  return renumbered(finished);
};

const atCoordinator = (plan: PhysicalPlan, ctes: ReadonlySet<number> = new Set()): OpenFragment => ({
  plan,
  runs: { kind: "coordinator" },
  inputs: [],
  partitioning: undefined,
  traces: NO_TRACES,
  ctes,
});

const cutPlan = (plan: PhysicalPlan, cutting: Cutting): OpenFragment => {
  switch (plan.kind) {
    case "scan":
      if (plan.table.source.kind === "memory") return atCoordinator(plan);
      return {
        ...atCoordinator({ ...plan, table: withoutShards(plan, cutting) }),
        runs: { kind: "splits", scans: [plan.operatorId] },
        traces: scanTraces(plan),
      };
    case "values":
    case "series":
      return atCoordinator(plan);
    case "cteScan": {
      const definition = cutting.definitions.get(plan.cteId);
      return definition === undefined ? atCoordinator(plan, new Set([plan.cteId])) : definitionRows(plan, definition);
    }
    case "filter":
    case "repeat": {
      const input = cutPlan(plan.input, cutting);
      return withPlan(input, { ...plan, input: input.plan });
    }
    case "project": {
      const input = cutPlan(plan.input, cutting);
      const above = withPlan(input, { ...plan, input: input.plan }, projected(input.partitioning, plan.projections));
      return { ...above, traces: projectedTraces(input.traces, plan.projections) };
    }
    case "hashJoin":
      return cutJoin(plan, cutPlan(plan.build, cutting), cutPlan(plan.probe, cutting), cutting);
    case "aggregate":
      return plan.input.kind === "aggregate"
        ? cutAggregate(plan, cutAggregate(plan.input, cutPlan(plan.input.input, cutting), cutting, plan), cutting)
        : cutAggregate(plan, cutPlan(plan.input, cutting), cutting);
    case "sort": {
      const input = cutPlan(plan.input, cutting);
      if (!isDistributed(input)) return withPlan(input, { ...plan, input: input.plan });
      if (!hasPlainKeys(plan)) {
        const whole = gathered(input, cutting);
        return withPlan(whole, { ...plan, input: whole.plan });
      }
      const runs = withPlan(input, { ...plan, operatorId: cutting.nextOperator(), input: input.plan });
      const merged = gathered(runs, cutting, plan.keys);
      return withPlan(merged, { ...plan, input: merged.plan, inRuns: true });
    }
    case "topN":
    case "limit":
      return cutLimit(plan, cutPlan(plan.input, cutting), cutting);
    case "unionAll":
      return cutUnionAll(plan, cutting);
    case "with": {
      const open = cutPlan(plan.definition, cutting);
      if (open.ctes.size === 0 && isWorthSharing(plan, cutting)) {
        const { input } = close(open, { kind: "broadcast" }, cutting);
        cutting.definitions.set(plan.cteId, { from: input.from, columns: open.plan.columns });
        return cutPlan(plan.body, cutting);
      }
      const definition = gathered(open, cutting);
      const body = gathered(cutPlan(plan.body, cutting), cutting);
      const ctes = new Set([...definition.ctes, ...body.ctes]);
      ctes.delete(plan.cteId);
      const whole = { ...plan, definition: definition.plan, body: body.plan };
      return { ...atCoordinator(whole, ctes), inputs: [...definition.inputs, ...body.inputs] };
    }
  }
};

/** The rows of a definition that is a fragment of its own, as one of its uses names them. */
const definitionRows = (plan: PhysicalCteScan, { from, columns }: FinishedDefinition): OpenFragment => {
  const { operatorId, estimatedRows } = plan;
  const scan = remoteScan(operatorId, remoteName(from), columns, estimatedRows);
  const indexes = plan.sources.map((source) => columns.findIndex(({ id }) => id === source));
  const read = plan.columns.map((column, i) => ({ ...column, index: indexes[i]! }));
  return {
    ...atCoordinator({ ...scan, columns: plan.columns, read }),
    inputs: [{ operatorId, from }],
    everywhere: true,
  };
};

/** Each task keeps as many rows as could be needed; the coordinator chooses among them. */
const cutLimit = (
  plan: Extract<PhysicalPlan, { kind: "topN" | "limit" }>,
  input: OpenFragment,
  cutting: Cutting,
): OpenFragment => {
  const needed = plan.limit === undefined ? undefined : plan.limit + plan.offset;
  if (!isDistributed(input)) return withPlan(input, { ...plan, input: input.plan });
  if (needed === undefined || !Number.isSafeInteger(needed)) {
    const whole = gathered(input, cutting);
    return withPlan(whole, { ...plan, input: whole.plan });
  }
  const estimatedRows = Math.min(input.plan.estimatedRows, needed * cutting.nodeCount);
  const partial = {
    ...plan,
    operatorId: cutting.nextOperator(),
    input: input.plan,
    limit: needed,
    offset: 0,
    estimatedRows,
  };
  const inRuns = plan.kind === "topN" && hasPlainKeys(plan);
  const moved = gathered(withPlan(input, partial), cutting, inRuns ? plan.keys : undefined);
  const { from } = moved.inputs[0]!;
  // Made again, a task has as many rows as before only if what it reads cannot be another choice of rows.
  if (plan.kind === "limit" && input.inputs.length === 0 && isRepeatable(input.plan)) {
    cutting.amend(from, { ...cutting.finished(from), enough: needed });
  }
  return withPlan(moved, { ...plan, input: moved.plan, ...(inRuns && { inRuns }) });
};

/** Whoever merges compares what has travelled, and computes nothing. */
const hasPlainKeys = ({ keys }: PhysicalSort | PhysicalTopN): boolean =>
  keys.every(({ expression }) => expression.kind === "column");

/** Scans of several tables run side by side in one fragment; anything else is put together at the coordinator. */
const cutUnionAll = (plan: Extract<PhysicalPlan, { kind: "unionAll" }>, cutting: Cutting): OpenFragment => {
  const inputs = plan.inputs.map((input) => cutPlan(input, cutting));
  const anywhere = inputs.flatMap(({ runs }) => (runs.kind === "splits" && runs.by === undefined ? [runs] : []));
  const together = inputs.length > 0 && anywhere.length === inputs.length;
  const ready = together ? inputs : inputs.map((input) => gathered(input, cutting));
  return {
    plan: { ...plan, inputs: ready.map((input) => input.plan) },
    runs: together ? splitRuns(anywhere, undefined) : { kind: "coordinator" },
    inputs: ready.flatMap((input) => input.inputs),
    partitioning: undefined,
    traces: NO_TRACES,
    ctes: new Set(ready.flatMap((input) => [...input.ctes])),
  };
};

/** With more nodes, a task sees too few of the values between a table's bounds to gain by them. */
const MAX_BOUNDED_NODES = 8;

const isNumber = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint";

/** The table as every shard's reader sees it: all that is said of the shards is the bounds, over all of them, of the numbers it reads. */
const withoutShards = ({ table, read }: PhysicalScan, { nodeCount }: Cutting): Table => ({
  name: table.name,
  columns: table.columns.map(({ name, type, nullable, statistics }, index) => {
    const { min, max } = statistics ?? {};
    const isWanted = nodeCount <= MAX_BOUNDED_NODES && read.some((column) => column.index === index);
    return isWanted && isNumber(min) && isNumber(max)
      ? { name, type, nullable, statistics: { min, max } }
      : { name, type, nullable };
  }),
  rowCount: 0,
  source: UNBOUND,
});

/** The highest ids in use: new ones come after. */
const highestIds = (plan: PhysicalPlan): { operator: number; column: number } => {
  const highest = { operator: plan.operatorId, column: -1 };
  const visit = (node: PhysicalPlan): void => {
    highest.operator = Math.max(highest.operator, node.operatorId);
    const own = node.kind === "scan" ? [...node.columns, ...node.read] : node.columns;
    for (const { id } of own) highest.column = Math.max(highest.column, id);
    if (node.kind === "project") for (const { id } of node.projections) highest.column = Math.max(highest.column, id);
    if (node.kind === "hashJoin" && node.mark !== undefined) highest.column = Math.max(highest.column, node.mark.id);
    physicalInputs(node).forEach(visit);
  };
  visit(plan);
  return highest;
};
