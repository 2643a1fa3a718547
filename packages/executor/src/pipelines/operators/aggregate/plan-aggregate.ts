import type { ColumnId, PhysicalAggregate, Projection } from "@headcut/plan";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import { type ColumnSource, Row } from "../../row.ts";
import { type Field, type FieldShape, fieldShape, layoutRow, loadField, type RowLayout } from "../../row-layout.ts";
import { type AccumulatorUse, memoryState, type State } from "./accumulator.ts";
import { type AggregateFunction, aggregateFunction } from "./aggregate-functions.ts";
import { type DenseKeys, denseKeys } from "./dense-keys.ts";

/** What an aggregation keeps for each group, and how its output follows: shared by every way to find the group. */
export interface AggregatePlan {
  readonly operatorId: number;
  readonly keys: readonly Projection[];
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

/**
 * Each group's row is the header, the keys, then the accumulators' fields. Aggregates that nobody `needs` are left out. `lasting`: groups
 * and what is made of them live as long as the query.
 */
export const planAggregate = (
  plan: PhysicalAggregate,
  needs: ReadonlySet<ColumnId>,
  headerBytes: number,
  lasting = true,
): AggregatePlan => {
  const aggregates = plan.aggregates
    .filter(({ id }) => needs.has(id))
    .map(({ id, call }) => ({ id, aggregate: aggregateFunction(call) }));
  const uses = new Map<string, AccumulatorUse>();
  for (const { aggregate } of aggregates)
    for (const use of aggregate.uses) if (!uses.has(use.key)) uses.set(use.key, use);

  const shapes: FieldShape[] = plan.groups.map(({ expression }) => fieldShape(expression));
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
  const keyFields = layout.fields.slice(0, plan.groups.length);
  const resultOf = (code: Code, { uses: parts, result }: AggregateFunction, row: Local) =>
    result(
      code,
      plan.operatorId,
      parts.map((part) => stateOf(code, part, row)),
    );
  return {
    operatorId: plan.operatorId,
    keys: plan.groups,
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
          ...plan.groups.map(({ id }, i): [ColumnId, ColumnSource] => [
            id,
            { load: () => loadField(code, keyFields[i]!, row), stable: lasting },
          ]),
          ...aggregates.map(({ id, aggregate }): [ColumnId, ColumnSource] => [
            id,
            { load: () => resultOf(code, aggregate, row), stable: lasting },
          ]),
        ]),
      ),
  };
};
