import { type AggregateColumn, type Column, columnRef, type PhysicalPlan, type Projection } from "@headcut/plan";
import { type Decomposed, decompose } from "./decompose.ts";
import { type Cutting, close, gathered, isDistributed, type OpenFragment, withPlan } from "./open-fragment.ts";
import { alignment, partitionedBy, projected } from "./partitioning.ts";
import { outputBytes, rowBytes } from "./row-bytes.ts";
import { isSameKey, NO_TRACES, projectedTraces, traceOf } from "./traces.ts";

type Aggregate = Extract<PhysicalPlan, { kind: "aggregate" }>;

/** Partial groups of no more than this, over all tasks, are put together by the coordinator alone. */
const GATHER_BYTES = 1024 * 1024;

const groupColumns = (groups: readonly Projection[]): readonly Column[] =>
  groups.map(({ id, name, expression: { type, nullable } }) => ({ id, name, type, nullable }));

/** The fewest groups for each task by which rows are spread evenly enough. */
const SPREAD_GROUPS = 64;

/**
 * The groups by hash of which this aggregation's rows go, as columns: those that `above`, an aggregation of its result, groups by as well, so that
 * it finds its groups apart already; otherwise all.
 */
const spreadBy = (groups: readonly Column[], above: Aggregate | undefined, cutting: Cutting): readonly Column[] => {
  if (above === undefined || above.groups.length === 0) return groups;
  if (above.estimatedRows < SPREAD_GROUPS * cutting.nodeCount) return groups;
  const shared = above.groups.map(({ expression }) =>
    expression.kind === "column" ? groups.find(({ id }) => id === expression.id) : undefined,
  );
  const known = new Set(shared.filter((column) => column !== undefined));
  return known.size === 0 ? groups : [...known];
};

/**
 * An aggregation over an open fragment. In one step where the groups are apart already; else in two, partial groups where
 * the rows are, then by hash of the groups or, when they are few, at the coordinator; else on the rows themselves.
 */
export const cutAggregate = (
  plan: Aggregate,
  input: OpenFragment,
  cutting: Cutting,
  above?: Aggregate,
): OpenFragment => {
  const whole = (open: OpenFragment): OpenFragment => ({
    ...withPlan(open, { ...plan, input: open.plan }, projected(open.partitioning, plan.groups)),
    traces: projectedTraces(open.traces, plan.groups),
  });
  if (!isDistributed(input)) return whole(input);
  const keys = plan.groups.map(({ expression }) => expression);
  if (alignment(input.partitioning, keys) !== undefined) return whole(input);
  const apart = splitsApart(input, keys, cutting);
  if (apart !== undefined) return whole(apart);

  const decomposed = decompose(plan.aggregates, plan.groups.length > 0, cutting.nextColumn);
  if (decomposed === undefined) {
    if (plan.groups.length === 0 || outputBytes(input.plan) <= GATHER_BYTES) return whole(gathered(input, cutting));
    return whole(repartitioned(input, keys, cutting));
  }

  const groups = groupColumns(plan.groups);
  const columns = [...groups, ...aggregateColumns(decomposed.partial)];
  const partialRows = Math.min(input.plan.estimatedRows, plan.estimatedRows * cutting.nodeCount);
  const partial = withPlan(input, {
    kind: "aggregate",
    operatorId: cutting.nextOperator(),
    columns,
    estimatedRows: partialRows,
    input: input.plan,
    groups: plan.groups,
    aggregates: decomposed.partial,
  });
  const few = plan.groups.length === 0 || partialRows * rowBytes(columns) <= GATHER_BYTES;
  const refs = spreadBy(groups, above, cutting).map(columnRef);
  const moved = few ? gathered(partial, cutting) : repartitioned(partial, refs, cutting);
  return withPlan(moved, finalPlan(plan, moved.plan, decomposed, cutting));
};

/** The fragment with its splits given out so that rows with equal `keys` meet in one task; undefined if they cannot be. */
const splitsApart = (
  open: OpenFragment,
  keys: readonly Projection["expression"][],
  cutting: Cutting,
): OpenFragment | undefined => {
  const { runs } = open;
  if (runs.kind !== "splits") return undefined;
  const found = keys.map((key) => traceOf(open.traces, key)).filter((key) => key !== undefined);
  if (runs.by !== undefined) {
    return found.some((key) => runs.by!.some((known) => isSameKey(key, known))) ? open : undefined;
  }
  if (runs.scans.length !== 1) return undefined;
  const key = found.find((candidate) => cutting.locality.meets([candidate]));
  return key === undefined ? undefined : { ...open, runs: { ...runs, by: [key] } };
};

/** The aggregation over partial groups, and a projection on top where a result has to be computed from several. */
const finalPlan = (
  plan: Aggregate,
  input: PhysicalPlan,
  { final, finish }: Decomposed,
  cutting: Cutting,
): PhysicalPlan => {
  const { columns, estimatedRows, operatorId } = plan;
  const groups = groupColumns(plan.groups);
  const passed = groups.map((column) => ({ id: column.id, name: column.name, expression: columnRef(column) }));
  const wanted = plan.aggregates.map(({ id, name }, i) => ({ id, name, expression: finish[i]! }));
  const found = wanted.map(({ expression }) =>
    final.find(({ id }) => expression.kind === "column" && expression.id === id),
  );
  const direct = found.every((column) => column !== undefined) && new Set(found).size === final.length;
  if (direct && found.length === final.length) {
    const aggregates = wanted.map(({ id, name }, i) => ({ id, name, call: found[i]!.call }));
    return { kind: "aggregate", operatorId, columns, estimatedRows, input, groups: passed, aggregates };
  }
  const aggregate: PhysicalPlan = {
    kind: "aggregate",
    operatorId: cutting.nextOperator(),
    columns: [...groups, ...aggregateColumns(final)],
    estimatedRows,
    input,
    groups: passed,
    aggregates: final,
  };
  const projections = inOrder([...passed, ...wanted], columns);
  return { kind: "project", operatorId, columns, estimatedRows, input: aggregate, projections };
};

const aggregateColumns = (aggregates: readonly AggregateColumn[]): readonly Column[] =>
  aggregates.map(({ id, name, call: { type, nullable } }) => ({ id, name, type, nullable }));

/** Projections for exactly these columns. */
const inOrder = (projections: readonly Projection[], columns: readonly Column[]): readonly Projection[] =>
  columns.map(({ id }) => projections.find((projection) => projection.id === id)!);

/** A new fragment of partitions that reads this one by the hash of `keys`. */
export const repartitioned = (
  open: OpenFragment,
  keys: readonly Projection["expression"][],
  cutting: Cutting,
): OpenFragment => {
  const partitions = cutting.nodeCount;
  const { leaf, input } = close(open, { kind: "hash", keys, partitions }, cutting);
  return {
    plan: leaf,
    runs: { kind: "partitions", count: partitions },
    inputs: [input],
    partitioning: partitionedBy(keys),
    traces: NO_TRACES,
    ctes: new Set(),
  };
};
