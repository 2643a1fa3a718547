import { int32, type ScanColumn } from "@headcut/plan";
import * as arrow from "apache-arrow";
import { threadContext } from "../../src/layout/context.ts";
import type { PipelineSource } from "../../src/pipelines/compiled-pipeline.ts";
import type { FunctionBuilder, Local } from "../../src/wasm/function-builder.ts";
import { addToState, callImport, emitResult, loadState, type Runtime } from "./runtime.ts";

export const ROWS = 300_000;

/** A table of 0 … rows - 1, NULL where divisible by 7, and a scan of it. */
export const numbersScan = (runtime: Runtime, rows = ROWS): Extract<PipelineSource, { kind: "scan" }> => {
  const table = runtime.tables.create("numbers", [{ name: "n", type: int32, nullable: true }]);
  const values = Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? null : i));
  const vectors = { n: arrow.vectorFromArray(values, new arrow.Int32()) };
  table.appendArrow(...new arrow.Table(vectors).batches);
  const columns: ScanColumn[] = [{ id: 1, index: 0, name: "n", type: int32, nullable: true }];
  return {
    kind: "scan",
    operatorId: 0,
    table: table.describe(),
    columns,
    outputColumns: [0],
    predicates: [],
    filters: [],
  };
};

export const scanOf = (
  source: Extract<PipelineSource, { kind: "scan" }>,
  rest: Partial<typeof source>,
): typeof source => ({
  ...source,
  ...rest,
});

/** process: adds the batch's row count to the u32 at offset 0 of the states. */
export const countRows = (
  fn: FunctionBuilder,
  context: Local,
  _batch: Local,
  _selection: Local,
  count: Local,
): void => {
  addToState(fn, context, 0, () => fn.get(count));
  fn.i32(0);
};

export const emitCount = (fn: FunctionBuilder, context: Local): void =>
  emitResult(fn, context, () => loadState(fn, context, 0));

/** Never ends by itself: looks at the cancel flag and raises, as compiled loops do. */
export const loopUntilCancelled = (fn: FunctionBuilder, context: Local): void => {
  fn.loop((again) => {
    fn.get(context);
    fn.mem("i32.load", threadContext.query);
    fn.mem("i32.atomic.load");
    fn.op("i32.eqz");
    fn.brIf(again);
  });
  fn.i32(33);
  fn.i32(0);
  callImport(fn, "host", "raise", 2);
};

/** process: takes a while for each batch. */
export const countDown = (fn: FunctionBuilder, from: number): void => {
  const i = fn.local("i32");
  fn.i32(from);
  fn.set(i);
  fn.loop((next) => {
    fn.get(i);
    fn.i32(1);
    fn.op("i32.sub");
    fn.tee(i);
    fn.brIf(next);
  });
  fn.i32(0);
};
