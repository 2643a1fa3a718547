import type { PhysicalHashJoin, PhysicalJoinKind } from "@headcut/plan";
import { compileExpression } from "../expressions/compile-expression.ts";
import { emitHash } from "../expressions/hash.ts";
import { anyNull } from "../expressions/value.ts";
import type { Code } from "../pipelines/code.ts";
import { expressionColumns } from "../pipelines/expression-columns.ts";
import { pushElement } from "../pipelines/loops.ts";
import { fieldsByColumn } from "../pipelines/materialized.ts";
import { type BuildRows, buildSink } from "../pipelines/operators/hash-join/build.ts";
import { produceBuildRows } from "../pipelines/operators/hash-join/build-rows.ts";
import { createDirectory, insertRows } from "../pipelines/operators/hash-join/finish-build.ts";
import { type JoinTable, joinRow, planJoinTable, stateAddress } from "../pipelines/operators/hash-join/join-table.ts";
import { consumeProbe, probeNeeds } from "../pipelines/operators/hash-join/probe-side.ts";
import type { PipelineBuilder } from "../pipelines/pipeline-builder.ts";
import type { Consumer, QueryBuilder } from "../pipelines/query-builder.ts";
import type { Row } from "../pipelines/row.ts";
import { fieldShape, layoutRow, storeField } from "../pipelines/row-layout.ts";
import type { Local } from "../wasm/function-builder.ts";
import { openLoop } from "./loop.ts";
import type { ProbeTurns } from "./probe-turns.ts";
import {
  closeSpool,
  emitRead,
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
  SPOOL_LIST_BYTES,
  type Spool,
  spooledRow,
  spoolState,
} from "./spool.ts";

/** Byte offsets in the loop's state; kernels/pipelines/spill-join.ts knows them too. */
const turn = {
  more: 0,
  partition: 4,
  isLast: 12,
  blocks: 16,
  blockArray: 20,
  remembered: 24,
  probeList: 32,
  bytes: 32 + SPOOL_LIST_BYTES,
} as const;

/** Of each kind: whether probe rows or build rows without a match come out, and whether probe rows know what they met in earlier turns. */
const kinds: Record<
  PhysicalJoinKind,
  { readonly probe: boolean; readonly build: boolean; readonly remembers: boolean }
> = {
  inner: { probe: false, build: false, remembers: false },
  probeOuter: { probe: true, build: false, remembers: true },
  buildOuter: { probe: false, build: true, remembers: false },
  full: { probe: true, build: true, remembers: true },
  probeSemi: { probe: false, build: false, remembers: true },
  probeAnti: { probe: true, build: false, remembers: true },
  buildSemi: { probe: false, build: false, remembers: false },
  buildAnti: { probe: false, build: true, remembers: false },
  mark: { probe: true, build: false, remembers: true },
  single: { probe: true, build: false, remembers: true },
};
const WANTS_PROBE = 1;
const WANTS_BUILD = 2;
const REMEMBERS = 4;

/** Blocks for all partitions take a sixteenth of the query's memory. */
const BLOCK_SHARES = 16 * PARTITIONS;

/**
 * A join by partitions on disk: rows of both sides go to partitions of their keys' hash. Then, partition by partition, as many build rows as there
 * is room for become a table, past which all probe rows of the partition are led; again for the next build rows.
 */
export const produceSpilledJoin = (query: QueryBuilder, plan: PhysicalHashJoin, consumer: Consumer): void => {
  const { operatorId } = plan;
  const planned = planJoinTable(query, plan, consumer.needs, false);
  const build = planSpool(query, operatorId, planned.layout, PARTITIONS, BLOCK_SHARES);
  const table: JoinTable = { ...planned, rowCount: build.state + spoolState.rows };
  query.produce(query, plan.build, buildSink(query, table, toSpool(build)));
  closeSpool(query, build);

  const needs = probeNeeds(table, consumer);
  const columns = plan.probe.columns.filter(({ id }) => needs.has(id));
  const layout = layoutRow(0, columns.map(fieldShape));
  const fields = fieldsByColumn(columns, layout);
  const probe = planSpool(query, operatorId, layout, PARTITIONS, BLOCK_SHARES);
  query.produce(query, plan.probe, {
    needs,
    consume(pipeline, row) {
      openSpool(pipeline, probe);
      pipeline.enter(operatorId, "probe");
      const { code } = pipeline;
      const { fn } = code;
      const hash = fn.local("i32");
      const write = (): void => {
        const to = spooledRow(code, probe);
        for (const [id, field] of fields) storeField(code, operatorId, field, to, row.get(id), true);
        writeTo(code, probe, hash, to);
      };
      row.load(fields.keys());
      const nullKey = hashProbeKeys(pipeline, plan, row, hash);
      spooledRow(code, probe);
      if (nullKey === undefined || kinds[plan.joinKind].probe) {
        write();
        return;
      }
      fn.get(nullKey);
      fn.op("i32.eqz");
      fn.if(write);
    },
  });
  closeSpool(query, probe);

  const arena = query.arena();
  const state = query.state(turn.bytes);
  const loop = openLoop(query, operatorId, arena);
  loadBuildRows(loop.phases("table"), table, { state, build, probe });
  openSpoolSource(query, probe, state + turn.probeList, (pipeline, address, pushNumber) => {
    loop.add(pipeline);
    pipeline.enter(operatorId, "join");
    const turns = kinds[plan.joinKind].remembers ? turnsOf(pipeline.code, state, pushNumber) : undefined;
    consumeProbe(pipeline, table, passingRow(pipeline.code, fields, address), consumer, turns);
  });
  if (table.marksMatches) produceBuildRows(query, table, consumer, loop.add);
  loop.close(state + turn.more);
  query.last.after("once", "release", (code) => {
    emitRelease(code, build);
    emitRelease(code, probe);
  });
};

const writeTo = (code: Code, spool: Spool, hash: Local, row: Local): void => {
  const partition = code.fn.local("i32");
  pushPartition(code, hash);
  code.fn.set(partition);
  emitSpool(code, spool, partition, row);
};

/** Build rows have their hash in their header. */
const toSpool = (spool: Spool): BuildRows => ({
  open: (pipeline) => {
    openSpool(pipeline, spool);
    // Loaded here, not first inside a branch.
    spooledRow(pipeline.code, spool);
  },
  row: (code) => spooledRow(code, spool),
  copies: false,
  done: (code, row) => {
    const hash = code.fn.local("i32");
    code.fn.get(row);
    code.fn.mem("i32.load", joinRow.hash);
    code.fn.set(hash);
    writeTo(code, spool, hash, row);
  },
});

/** Sets the hash of the probe row's keys; returns whether one that NULL matches with nothing is NULL. */
const hashProbeKeys = (
  { code }: PipelineBuilder,
  { operatorId, keys }: PhysicalHashJoin,
  row: Row,
  hash: Local,
): Local | undefined => {
  const expressions = keys.map(({ probe }) => probe);
  row.load(expressionColumns(...expressions));
  const scope = code.scope(operatorId, row.column);
  const values = expressions.map((expression) => compileExpression(expression, scope));
  emitHash(
    scope,
    values,
    expressions.map(({ type }) => type),
  );
  code.fn.op("i32.wrap_i64");
  code.fn.set(hash);
  return anyNull(
    code.fn,
    values.filter((_, i) => !keys[i]!.nullSafe),
  );
};

/** The phases that make a table of the turn's build rows. */
const loadBuildRows = (
  pipeline: PipelineBuilder,
  table: JoinTable,
  { state, build, probe }: { readonly state: number; readonly build: Spool; readonly probe: Spool },
): void => {
  const { operatorId, joinKind } = table.plan;
  const wants = kinds[joinKind];
  pipeline.after("once", "next", (code) => {
    const { fn } = code;
    fn.get(stateAddress(code, state));
    fn.get(stateAddress(code, table.state));
    pushSpool(code, build);
    pushSpool(code, probe);
    fn.i32(PARTITIONS);
    fn.i32((wants.probe ? WANTS_PROBE : 0) + (wants.build ? WANTS_BUILD : 0) + (wants.remembers ? REMEMBERS : 0));
    fn.get(code.arena);
    code.kernel("spillJoinNext");
    code.checkAllocated(operatorId);
    code.prepare();
    stateAddress(code, table.state);
    fn.get(code.states);
    fn.mem("i32.load", state + turn.more);
    fn.if(() => {
      for (const spool of [build, probe]) {
        emitUnfold(code, spool, () => {
          fn.get(code.states);
          fn.mem("i32.load", state + turn.partition);
        });
      }
      fn.get(stateAddress(code, state));
      fn.get(stateAddress(code, table.state));
      pushSpool(code, build);
      pushSpool(code, probe);
      fn.get(code.arena);
      code.kernel("spillJoinTake");
      code.checkAllocated(operatorId);
    });
  });
  pipeline.tasks(state + turn.blocks, "read", (code, task) => {
    const { fn, states } = code;
    const [array, block, entry, to] = Array.from({ length: 4 }, () => fn.local("i32")) as [Local, Local, Local, Local];
    fn.get(states);
    fn.mem("i32.load", state + turn.blockArray);
    fn.set(array);
    pushElement(fn, array, task, 8);
    fn.tee(block);
    fn.mem("i32.load");
    fn.set(entry);
    fn.get(block);
    fn.mem("i32.load", 4);
    fn.set(to);
    emitRead(code, build, entry, to);
  });
  pipeline.after("once", "directory", (code) => createDirectory(code, table));
  insertRows(pipeline, table);
};

/** Where the probe row of that number keeps what it meets. */
const turnsOf = (code: Code, state: number, pushNumber: () => void): ProbeTurns => {
  const { fn, states } = code;
  const load = (offset: number): Local =>
    code.atEntry(`turn ${state + offset}`, () => {
      fn.get(states);
      fn.mem("i32.load", state + offset);
    });
  const [remembered, isLast] = [load(turn.remembered), load(turn.isLast)];
  const memory = fn.local("i32");
  fn.get(remembered);
  pushNumber();
  fn.op("i32.add");
  fn.set(memory);
  return { memory, isLast };
};
