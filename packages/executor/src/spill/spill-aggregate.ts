import type { PhysicalAggregate } from "@headcut/plan";
import { emitHash } from "../expressions/hash.ts";
import { threadContext } from "../layout/context.ts";
import { Code } from "../pipelines/code.ts";
import { fieldsByColumn } from "../pipelines/materialized.ts";
import { accumulate } from "../pipelines/operators/aggregate/accumulate.ts";
import { findGroup, GROUP_HEADER_BYTES, groupTable, openTable } from "../pipelines/operators/aggregate/group-table.ts";
import { groupKeys } from "../pipelines/operators/aggregate/grouped.ts";
import { joinTables, sinkState } from "../pipelines/operators/aggregate/join-tables.ts";
import { type AggregatePlan, planAggregate } from "../pipelines/operators/aggregate/plan-aggregate.ts";
import type { PipelineBuilder } from "../pipelines/pipeline-builder.ts";
import type { Consumer, QueryBuilder } from "../pipelines/query-builder.ts";
import type { Row } from "../pipelines/row.ts";
import { fieldShape, layoutRow, storeField } from "../pipelines/row-layout.ts";
import { openRowSource } from "../pipelines/row-source.ts";
import { ThreadStates } from "../pipelines/thread-states.ts";
import { openLoop } from "./loop.ts";
import {
  closeSpool,
  emitRelease,
  emitSpool,
  emitUnfold,
  openSpool,
  openSpoolSource,
  PARTITIONS,
  passingRow,
  planSpool,
  pushPartition,
  pushSpool,
  pushSubHash,
  SPOOL_LIST_BYTES,
  spooledRow,
} from "./spool.ts";

/** Byte offsets in the loop's state; kernels/pipelines/spill-groups.ts knows them too. */
const turn = { more: 0, failed: 4, partition: 8, value: 16, mask: 20, list: 32, bytes: 32 + SPOOL_LIST_BYTES } as const;

/** On disk, a row begins with the hash of its keys, a u32. */
const HASH_BYTES = 4;
/** Blocks for all partitions take a sixteenth of the query's memory. */
const BLOCK_SHARES = 16 * PARTITIONS;

/**
 * Aggregation by partitions on disk: rows of the input go to partitions of their keys' hash, then the rows of one partition after the other are
 * aggregated in memory; where that needs too much, those of half of its hashes at a time, of a quarter …
 */
export const produceSpilledAggregate = (query: QueryBuilder, plan: PhysicalAggregate, consumer: Consumer): void => {
  const { operatorId } = plan;
  const aggregate: AggregatePlan = {
    ...planAggregate(plan, consumer.needs, GROUP_HEADER_BYTES, { lasting: false }),
    dense: undefined,
    estimatedRows: plan.estimatedRows / PARTITIONS,
  };
  const columns = plan.input.columns.filter(({ id }) => aggregate.needs.has(id));
  const layout = layoutRow(HASH_BYTES, columns.map(fieldShape));
  const fields = fieldsByColumn(columns, layout);
  const spool = planSpool(query, operatorId, layout, PARTITIONS, BLOCK_SHARES);
  query.produce(query, plan.input, {
    needs: aggregate.needs,
    consume(pipeline, row) {
      openSpool(pipeline, spool);
      pipeline.enter(operatorId, "aggregate");
      const { code } = pipeline;
      const { fn } = code;
      const to = spooledRow(code, spool);
      const hash = hashKeys(pipeline, aggregate, row);
      fn.get(to);
      fn.get(hash);
      fn.mem("i32.store");
      row.load(fields.keys());
      for (const [id, field] of fields) storeField(code, operatorId, field, to, row.get(id), true);
      const partition = fn.local("i32");
      pushPartition(code, hash);
      fn.set(partition);
      emitSpool(code, spool, partition, to);
    },
  });
  closeSpool(query, spool);

  const arena = query.arena();
  const state = query.state(turn.bytes);
  const sink = query.state(sinkState.bytes);
  const threads = new ThreadStates(query, operatorId, groupTable.bytes);
  const loop = openLoop(query, operatorId, arena);
  loop.phases("partition").after("once", "next", (code) => {
    const { fn, states } = code;
    const pushAt = (offset: number): void => {
      fn.get(states);
      fn.i32(state + offset);
      fn.op("i32.add");
    };
    code.prepare();
    pushAt(0);
    pushSpool(code, spool);
    fn.i32(PARTITIONS);
    code.kernel("spillGroupsNext");
    code.checkAllocated(operatorId);
    pushAt(turn.more);
    fn.mem("i32.load");
    fn.if(() => {
      const pushNumber = (): void => {
        pushAt(turn.partition);
        fn.mem("i32.load");
      };
      emitUnfold(code, spool, pushNumber);
      pushSpool(code, spool);
      pushNumber();
      fn.i32(1);
      fn.op("i32.sub");
      pushAt(turn.list);
      fn.get(code.arena);
      code.kernel("spoolList");
      code.checkAllocated(operatorId);
    });
  });
  openSpoolSource(query, spool, state + turn.list, (pipeline, address) => {
    loop.add(pipeline);
    pipeline.useArena(arena);
    pipeline.mayFail(state + turn.failed);
    threads.open(pipeline);
    pipeline.enter(operatorId, "partition");
    const { code } = pipeline;
    const { fn } = code;
    const table = threads.own(code);
    openTable(code, aggregate, table);
    const hash = fn.local("i32");
    fn.get(address);
    fn.mem("i32.load");
    fn.set(hash);
    pushSubHash(code, hash);
    fn.get(stateField(code, state + turn.mask));
    fn.op("i32.and");
    fn.get(stateField(code, state + turn.value));
    fn.op("i32.eq");
    fn.if(() => {
      const row = passingRow(code, fields, address);
      const group = findGroup(code, aggregate, table, groupKeys(pipeline, aggregate, row));
      accumulate(code, operatorId, aggregate.uses, row, (use) => aggregate.stateOf(code, use, group));
    });
  });
  joinTables(query.last, aggregate, sink, threads);
  loop.phases("groups").after("once", "drop", (code) => {
    // Groups of a turn that has failed are not all there are.
    code.fn.get(code.states);
    code.fn.mem("i32.load", state + turn.failed);
    code.fn.if(() => {
      code.fn.get(code.states);
      code.fn.i32(0);
      code.fn.mem("i32.store", sink + sinkState.list + LIST_SEGMENT_COUNT);
    });
  });
  openRowSource(query, sink + sinkState.list, aggregate.layout.stride, (pipeline, address) => {
    loop.add(pipeline);
    pipeline.enter(operatorId, "groups");
    pipeline.countRow(operatorId);
    const { fn, module, context } = pipeline.code;
    const passing = new Code(fn, module, context, threadContext.scratch);
    void passing.arena;
    consumer.consume(pipeline, aggregate.output(passing, address));
  });
  loop.phases("empty").after("perThread", "empty", (code) => {
    code.fn.get(threads.own(code));
    code.fn.i32(0);
    code.fn.i32(threads.stride);
    code.fn.memoryFill();
  });
  loop.close(state + turn.more);
  query.last.after("once", "release", (code) => emitRelease(code, spool));
};

const LIST_SEGMENT_COUNT = 4;

const stateField = (code: Code, offset: number) => {
  const { states } = code;
  return code.atEntry(`state at ${offset}`, () => {
    code.fn.get(states);
    code.fn.mem("i32.load", offset);
  });
};

/** The hash of the row's keys, without its high half. */
const hashKeys = (pipeline: PipelineBuilder, aggregate: AggregatePlan, row: Row) => {
  const { code } = pipeline;
  const { fn } = code;
  const { values } = groupKeys(pipeline, aggregate, row);
  const hash = fn.local("i32");
  emitHash(
    code.scope(aggregate.operatorId),
    values,
    aggregate.keys.map(({ type }) => type),
  );
  fn.op("i32.wrap_i64");
  fn.set(hash);
  return hash;
};
