import { and, type ColumnId, type Expression, type PhysicalScan } from "@headcut/plan";
import { compilePredicate } from "../../expressions/compile-expression.ts";
import { mayFail } from "../../expressions/may-fail.ts";
import { storageOf } from "../../layout/storage.ts";
import type { Local } from "../../wasm/function-builder.ts";
import { encodedBatchColumn, pushIsPlain, pushValues } from "../batch-columns.ts";
import type { Code } from "../code.ts";
import type { PipelineSource, ScanFilter } from "../compiled-pipeline.ts";
import { expressionColumns } from "../expression-columns.ts";
import { countedLoop, pushElement } from "../loops.ts";
import type { PipelineBuilder } from "../pipeline-builder.ts";
import type { Produce } from "../query-builder.ts";
import { type ColumnSource, Row } from "../row.ts";
import { emitMayMatch, pushIsBitmap } from "../runtime-filter.ts";
import type { KeyFilter } from "../runtime-filter-plan.ts";

/**
 * A pipeline over a table. The conjuncts of the scan's filter are functions of their own, which narrow a selection
 * column by column (and may be run over a dictionary instead of the rows); `process` gets the rows that are left.
 */
export const produceScan: Produce<PhysicalScan> = (query, plan, consumer) => {
  const positions = new Map(plan.read.map(({ id }, position) => [id, position]));
  const outputColumns = [...consumer.needs].map((id) => positions.get(id)!).sort((a, b) => a - b);
  const filters: ScanFilter[] = [];
  const source: PipelineSource = {
    kind: "scan",
    operatorId: plan.operatorId,
    table: plan.table,
    columns: plan.read,
    outputColumns,
    predicates: plan.filters,
    filters,
  };
  const pipeline = query.open(source);
  pipeline.enter(plan.operatorId, `scan ${plan.alias}`);
  for (const predicate of byColumn(plan.filters)) {
    const columns = expressionColumns(predicate);
    const filter = compileFilter(pipeline, plan, positions, columns, (code, row) =>
      compilePredicate(predicate, code.scope(plan.operatorId, row.column)),
    );
    filters.push({ ...filter, mayFail: mayFail(predicate) });
  }
  for (const { filter, column } of query.runtimeFilters.ofScan(plan)) {
    const compiled = compileKeyFilter(pipeline, plan, positions, filter, column);
    const hasBounds = filter.keyBytes !== 0 && filter.type.kind !== "uint64";
    filters.push({ ...compiled, mayFail: false, runtime: { state: filter.state, hasBounds } });
  }

  const { code } = pipeline;
  const { batch, selection, count } = pipeline.params;
  pipeline.process(() => {
    pipeline.countRow(plan.operatorId, count);
    eachRow(code, selection, count, (row) => {
      consumer.consume(pipeline, batchRow(code, plan, positions, batch, row));
    });
  });
};

/** The conjuncts, neighbours that look at one column alone put together: they go over its values, or its dictionary, once. */
const byColumn = (filters: readonly Expression[]): readonly Expression[] => {
  const groups: { column: ColumnId | undefined; conjuncts: Expression[] }[] = [];
  for (const filter of filters) {
    const [column, ...others] = mayFail(filter) ? [] : expressionColumns(filter);
    const last = groups.at(-1);
    const isAlone = column !== undefined && others.length === 0;
    if (isAlone && last?.column === column) last.conjuncts.push(filter);
    else groups.push({ column: isAlone ? column : undefined, conjuncts: [filter] });
  }
  return groups.map(({ conjuncts }) => and(...conjuncts));
};

/** Runs `body` for each row number of the selection, or below `count` when there is none. */
const eachRow = (code: Code, selection: Local, count: Local, body: (row: Local) => void): void => {
  const { fn } = code;
  const row = fn.local("i32");
  countedLoop(fn, count, (index) => {
    fn.get(selection);
    fn.if(
      () => {
        pushElement(fn, selection, index, 4);
        fn.mem("i32.load");
      },
      () => fn.get(index),
      "i32",
    );
    fn.set(row);
    body(row);
  });
};

/** A row of a batch by the scan's columns, which lie at these positions in it. */
export const batchRow = (
  code: Code,
  plan: Pick<PhysicalScan, "read">,
  positions: ReadonlyMap<ColumnId, number>,
  batch: Local,
  row: Local,
): Row =>
  new Row(
    new Map(
      plan.read.map(({ id, type, nullable }): [ColumnId, ColumnSource] => {
        const encoded = encodedBatchColumn(code, batch, positions.get(id)!, storageOf(type), nullable, row);
        return [id, { load: () => encoded.loadApart(), stable: false, encoded }];
      }),
    ),
  );

/** A function (batch, rows, count, out, context) → how many rows of `rows` pass, appended to `out` without a branch. */
const compileFilter = (
  pipeline: PipelineBuilder,
  plan: PhysicalScan,
  positions: ReadonlyMap<ColumnId, number>,
  columns: ReadonlySet<ColumnId>,
  emitPasses: (code: Code, row: Row) => void,
): Omit<ScanFilter, "mayFail"> => {
  const { code, name } = pipeline.exported("filter", 5);
  code.fn.get(emitFilter(code, plan, positions, columns, emitPasses));
  return { function: name, columns: [...columns].map((id) => positions.get(id)!).sort((a, b) => a - b) };
};

/** As `compileFilter`; a batch of plain keys goes past the bitmap of a join's keys in a kernel. */
const compileKeyFilter = (
  pipeline: PipelineBuilder,
  plan: PhysicalScan,
  positions: ReadonlyMap<ColumnId, number>,
  filter: KeyFilter,
  column: ColumnId,
): Omit<ScanFilter, "mayFail"> => {
  const { code, name } = pipeline.exported("filter", 5);
  const { fn } = code;
  const position = positions.get(column)!;
  const rowByRow = (): Local =>
    emitFilter(code, plan, positions, new Set([column]), (inner, row) =>
      emitMayMatch(inner, plan.operatorId, filter, row.column(column)),
    );
  if (filter.keyBytes === 0) {
    fn.get(rowByRow());
  } else {
    const [batch, rows, count, out] = fn.params as [Local, Local, Local, Local];
    const passed = fn.local("i32");
    pushIsBitmap(code, filter);
    pushIsPlain(code, batch, position);
    fn.op("i32.and");
    fn.if(
      () => {
        fn.get(code.states);
        fn.i32(filter.state);
        fn.op("i32.add");
        pushValues(code, batch, position);
        fn.i32(filter.keyBytes);
        fn.get(rows);
        fn.get(count);
        fn.get(out);
        code.kernel("runtimeFilterSelect");
        fn.set(passed);
      },
      () => {
        fn.get(rowByRow());
        fn.set(passed);
      },
    );
    fn.get(passed);
  }
  return { function: name, columns: [position] };
};

/** The loop over the rows; the local holds how many passed. */
const emitFilter = (
  code: Code,
  plan: PhysicalScan,
  positions: ReadonlyMap<ColumnId, number>,
  columns: ReadonlySet<ColumnId>,
  emitPasses: (code: Code, row: Row) => void,
): Local => {
  const { fn } = code;
  const [batch, rows, count, out] = fn.params as [Local, Local, Local, Local];
  const passed = fn.local("i32");
  eachRow(code, rows, count, (row) => {
    const input = batchRow(code, plan, positions, batch, row);
    input.load(columns);
    pushElement(fn, out, passed, 4);
    fn.get(row);
    fn.mem("i32.store");
    fn.get(passed);
    emitPasses(code, input);
    fn.op("i32.add");
    fn.set(passed);
  });
  return passed;
};
