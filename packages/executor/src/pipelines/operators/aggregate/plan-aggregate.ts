import type { ColumnId, PhysicalAggregate, Projection } from "@headcut/plan";
import { threadContext } from "../../../layout/context.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import type { LeaderKey } from "../../leader-plan.ts";
import { type ColumnSource, Row } from "../../row.ts";
import { type Field, type FieldShape, layoutRow, type RowLayout } from "../../row-layout.ts";
import { type AccumulatorUse, memoryState, type State } from "./accumulator.ts";
import { type AggregateFunction, aggregateFunction } from "./aggregate-functions.ts";
import { type DenseKeys, denseKeys } from "./dense-keys.ts";
import { type GroupKey, groupKeysOf, keyShape, keySources, type LeaderFields } from "./group-keys.ts";

/** What an aggregation keeps for each group, and how its output follows: shared by every way to find the group. */
export interface AggregatePlan {
  readonly operatorId: number;
  readonly groups: readonly Projection[];
  /** What groups are told apart by. */
  readonly keys: readonly GroupKey[];
  readonly uses: readonly AccumulatorUse[];
  /** Columns of the input. */
  readonly needs: ReadonlySet<ColumnId>;
  readonly layout: RowLayout;
  readonly keyFields: readonly Field[];
  /** Where each combination of keys may have a place of its own. */
  readonly dense: DenseKeys | undefined;
  /** Groups expected. */
  readonly estimatedRows: number;
  stateOf(code: Code, use: AccumulatorUse, row: Local): State;
  /** The output row of the group at `row`. */
  output(code: Code, row: Local): Row;
}

export interface GroupOptions {
  /** Whether groups and what is made of them live as long as the query. */
  readonly lasting: boolean;
  /** Keys that leaders stand for. */
  readonly leaderKeys: readonly LeaderKey[];
  readonly leaderFields: LeaderFields;
}

const plainGroups: GroupOptions = { lasting: true, leaderKeys: [], leaderFields: () => new Map() };

/** Each group's row is the header, the keys, then the accumulators' fields. Aggregates that nobody `needs` are left out. */
export const planAggregate = (
  plan: PhysicalAggregate,
  needs: ReadonlySet<ColumnId>,
  headerBytes: number,
  options: Partial<GroupOptions> = {},
): AggregatePlan => {
  const { lasting, leaderKeys, leaderFields } = { ...plainGroups, ...options };
  const aggregates = plan.aggregates
    .filter(({ id }) => needs.has(id))
    .map(({ id, call }) => ({ id, aggregate: aggregateFunction(call) }));
  const uses = new Map<string, AccumulatorUse>();
  for (const { aggregate } of aggregates)
    for (const use of aggregate.uses) if (!uses.has(use.key)) uses.set(use.key, use);

  const keys = groupKeysOf(plan, leaderKeys);
  const shapes: FieldShape[] = keys.map(keyShape);
  const starts = new Map<string, number>();
  for (const { key, accumulator } of uses.values()) {
    starts.set(key, shapes.length);
    for (const { storage } of accumulator.fields) shapes.push({ storage, nullable: false });
  }
  const layout = layoutRow(headerBytes, shapes);
  const stateOf = (code: Code, { key, accumulator }: AccumulatorUse, row: Local): State => {
    const start = starts.get(key)!;
    return memoryState(code, layout.fields.slice(start, start + accumulator.fields.length), row);
  };
  const keyFields = layout.fields.slice(0, keys.length);
  const resultOf = (code: Code, { uses: parts, result, allocates }: AggregateFunction, row: Local) =>
    result(
      allocates ? scratchCode(code) : code,
      plan.operatorId,
      parts.map((part) => stateOf(code, part, row)),
    );
  return {
    operatorId: plan.operatorId,
    groups: plan.groups,
    keys,
    uses: [...uses.values()],
    needs: expressionColumns(
      ...plan.groups.map(({ expression }) => expression),
      ...[...uses.values()].flatMap(({ args, filter }) => (filter === undefined ? args : [...args, filter])),
    ),
    layout,
    keyFields,
    dense: denseKeys(plan),
    estimatedRows: plan.estimatedRows,
    stateOf,
    output: (code, row) =>
      new Row(
        new Map<ColumnId, ColumnSource>([
          ...keys.flatMap((key, i) => keySources(code, key, keyFields[i]!, row, lasting, leaderFields)),
          ...aggregates.map(({ id, aggregate }): [ColumnId, ColumnSource] => [
            id,
            { load: () => resultOf(code, aggregate, row), stable: lasting && !aggregate.allocates },
          ]),
        ]),
      ),
  };
};

/** The pipeline's own arena is its sink's, which may empty it while the row is on its way there. */
const scratchCode = ({ fn, module, context }: Code): Code => {
  const scratch = new Code(fn, module, context, threadContext.scratch);
  void scratch.arena;
  return scratch;
};
