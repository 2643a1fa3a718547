import type { ColumnId, PhysicalAggregate } from "@headcut/plan";
import { compileExpression } from "../../../expressions/compile-expression.ts";
import type { Value } from "../../../expressions/value.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import type { LeaderKey } from "../../leader-plan.ts";
import type { PipelineBuilder } from "../../pipeline-builder.ts";
import type { Consumer, QueryBuilder } from "../../query-builder.ts";
import type { Row } from "../../row.ts";
import { openRowSource } from "../../row-source.ts";
import { ThreadStates } from "../../thread-states.ts";
import { accumulate } from "./accumulate.ts";
import { encodedKeys, findGroupByCodes } from "./code-groups.ts";
import { findGroup, GROUP_HEADER_BYTES, type GroupKeys, groupTable, openTable } from "./group-table.ts";
import { joinTables, sinkState } from "./join-tables.ts";
import { type AggregatePlan, planAggregate } from "./plan-aggregate.ts";
import { findGroupByRow, keptKeys } from "./row-groups.ts";

/**
 * Aggregation by hash: each thread fills a table of its own; then rows of all tables are joined partition by partition of the
 * hash, in parallel, unless one thread alone has groups.
 */
export const produceGrouped = (query: QueryBuilder, plan: PhysicalAggregate, consumer: Consumer): void => {
  const aggregate = planAggregate(plan, consumer.needs, GROUP_HEADER_BYTES, {
    leaderKeys: query.leaders.ofAggregate(plan),
    leaderFields: (leaders) => query.leaderFields.get(leaders)!,
  });
  const state = query.state(sinkState.bytes);
  const threads = new ThreadStates(query, plan.operatorId, groupTable.bytes);
  query.produce(query, plan.input, {
    needs: aggregate.needs,
    consume(pipeline, row) {
      threads.open(pipeline);
      pipeline.enter(plan.operatorId, "aggregate");
      const { code } = pipeline;
      const table = threads.own(code);
      openTable(code, aggregate, table);
      const group = groupOf(query, pipeline, aggregate, table, row);
      accumulate(code, plan.operatorId, aggregate.uses, row, (use) => aggregate.stateOf(code, use, group));
    },
  });
  joinTables(query.last, aggregate, state, threads);
  openRowSource(query, state + sinkState.list, aggregate.layout.stride, (pipeline, address) => {
    pipeline.enter(plan.operatorId, "groups");
    pipeline.countRow(plan.operatorId);
    consumer.consume(pipeline, aggregate.output(pipeline.code, address));
  });
};

/** The address of the row's group, found the shortest way that its keys allow. */
const groupOf = (
  query: QueryBuilder,
  pipeline: PipelineBuilder,
  aggregate: AggregatePlan,
  table: Local,
  row: Row,
): Local => {
  const { code } = pipeline;
  const { operatorId } = aggregate;
  if (aggregate.keys.some(({ kind }) => kind === "leader")) {
    return findGroup(code, aggregate, table, groupKeys(pipeline, aggregate, row));
  }
  const searchApart = (loadApart: (id: ColumnId) => Value): Local =>
    findGroup(code, aggregate, table, groupKeysApart(pipeline, aggregate, row, loadApart));
  const encoded = encodedKeys(aggregate, row);
  if (encoded !== undefined)
    return findGroupByCodes(query, pipeline, operatorId, encoded, () =>
      searchApart((id) => row.encoded(id)!.loadApart()),
    );
  const kept = keptKeys(aggregate, row);
  if (kept !== undefined)
    return findGroupByRow(query, pipeline, operatorId, [...kept.values()][0]!.row, () =>
      searchApart((id) => kept.get(id)!.loadApart()),
    );
  return findGroup(code, aggregate, table, groupKeys(pipeline, aggregate, row));
};

/** The keys of a row, computed without leaving values for other users of the row. */
const groupKeysApart = (
  { code }: PipelineBuilder,
  { groups, operatorId }: AggregatePlan,
  row: Row,
  loadApart: (id: ColumnId) => Value,
): GroupKeys => {
  const values = new Map<ColumnId, Value>();
  for (const id of expressionColumns(...groups.map(({ expression }) => expression))) values.set(id, loadApart(id));
  const scope = code.scope(operatorId, (id) => values.get(id)!);
  return {
    values: groups.map(({ expression }) => compileExpression(expression, scope)),
    stable: groups.map(({ expression }) => expression.kind === "column" && row.isStable(expression.id)),
  };
};

export const groupKeys = (pipeline: PipelineBuilder, aggregate: AggregatePlan, row: Row): GroupKeys => {
  const { code } = pipeline;
  const { keys, groups } = aggregate;
  row.load(expressionColumns(...keys.flatMap((key) => (key.kind === "value" ? [key.expression] : []))));
  const scope = code.scope(aggregate.operatorId, row.column);
  return {
    values: keys.map((key) =>
      key.kind === "value" ? compileExpression(key.expression, scope) : leaderOf(code, key.key, groups, row),
    ),
    stable: keys.map(
      (key) => key.kind === "leader" || (key.expression.kind === "column" && row.isStable(key.expression.id)),
    ),
  };
};

/** The address of the row that leads the one which the keys' columns are of. */
const leaderOf = ({ fn }: Code, { columns }: LeaderKey, groups: AggregatePlan["groups"], row: Row): Value => {
  const group = groups.find(({ id }) => columns.has(id))!;
  const leader = group.expression.kind === "column" ? row.leader(group.expression.id) : undefined;
  if (leader === undefined) throw new Error("internal error: a key has lost its leader");
  const address = fn.local("i32");
  leader.pushAddress();
  fn.set(address);
  return { storage: "int32", locals: [address], isNull: undefined };
};
