import { type EncodedBatch, partitionOf, type QueryRun, storedAs } from "@headcut/executor";
import { columnRef, type PhysicalPlan, type Projection, physicalInputs, sameType } from "@headcut/plan";
import type { Output } from "../cut/fragment.ts";
import { type BatchBuilder, batchBuilder } from "../exchange/batch-builder.ts";
import type { KeySetBuilder } from "../exchange/key-set.ts";
import type { StoredOutput } from "../exchange/output-store.ts";
import { rowsByPartition } from "../exchange/rows-by-partition.ts";
import { wireColumns } from "../exchange/wire-columns.ts";
import type { IpcColumn } from "../ipc/ipc-column.ts";

/** Into how many parts an output goes. */
export const partitionCount = (output: Output): number => (output.kind === "hash" ? output.partitions : 1);

/**
 * The plan that makes the rows as they travel: columns of `wireColumns`, and where rows are to be told apart one more at the end, the
 * partition each belongs to.
 */
export const outputPlan = (plan: PhysicalPlan, output: Output): PhysicalPlan => {
  const { columns, estimatedRows } = plan;
  const travelling = wireColumns(columns);
  const parted = partitionCount(output) > 1;
  if (!parted && travelling === columns) return plan;
  let nextId = highestColumn(plan);
  const projections = columns.map((column, i): Projection => {
    const { type } = travelling[i]!;
    const plain = columnRef(column);
    if (sameType(type, column.type)) return { id: column.id, name: column.name, expression: plain };
    return { id: ++nextId, name: column.name, expression: storedAs(plain, type) };
  });
  if (parted && output.kind === "hash") {
    projections.push({ id: ++nextId, name: "partition", expression: partitionOf(output.keys, output.partitions) });
  }
  return {
    kind: "project",
    operatorId: highestOperator(plan) + 1,
    columns: projections.map(({ id, name, expression: { type, nullable } }) => ({ id, name, type, nullable })),
    estimatedRows,
    input: plan,
    projections,
  };
};

const highestOperator = (plan: PhysicalPlan): number =>
  Math.max(plan.operatorId, ...physicalInputs(plan).map(highestOperator));

const highestColumn = (plan: PhysicalPlan): number =>
  Math.max(
    0,
    ...plan.columns.map(({ id }) => id),
    ...(plan.kind === "scan" ? plan.read.map(({ id }) => id) : []),
    ...physicalInputs(plan).map(highestColumn),
  );

/** Collects the keys that one column's rows have. */
export interface KeyTeller {
  /** Of the column. */
  readonly index: number;
  readonly keys: KeySetBuilder;
}

/**
 * Keeps the rows of a run of `outputPlan`'s plan, without the column of partitions; how many there were. Throws the run's error, and
 * the signal's reason: a run that has ended does not hear of it, though many of its batches may wait here.
 */
export const writeOutput = async (
  run: QueryRun,
  columns: readonly IpcColumn[],
  output: Output,
  into: StoredOutput,
  signal: AbortSignal,
  tellers: readonly KeyTeller[] = [],
): Promise<number> => {
  let rows = 0;
  const partitions = partitionCount(output);
  const look = (batch: EncodedBatch): void => {
    rows += batch.rowCount;
    for (const { index, keys } of tellers) keys.add(batch.columns[index]!, batch.rowCount);
  };
  if (partitions === 1) {
    for await (const batch of run.encodedBatches()) {
      signal.throwIfAborted();
      look(batch);
      await into.append(0, batch);
    }
    return rows;
  }
  const builders = Array.from({ length: partitions }, (): BatchBuilder => batchBuilder(columns));
  let room: Int32Array = new Int32Array(0);
  for await (const batch of run.encodedBatches()) {
    signal.throwIfAborted();
    look(batch);
    const { values } = batch.columns[columns.length]!;
    const { starts, rows: order } = rowsByPartition(
      new Int32Array(values.buffer, values.byteOffset, batch.rowCount),
      partitions,
      room,
    );
    room = order;
    for (let p = 0; p < partitions; p++) {
      const [from, to] = [starts[p]!, starts[p + 1]!];
      if (from === to) continue;
      const builder = builders[p]!;
      builder.append(batch, order, from, to);
      if (builder.isFull()) await into.append(p, builder.finish()!);
    }
  }
  for (let p = 0; p < partitions; p++) {
    const rest = builders[p]!.finish();
    if (rest !== undefined) await into.append(p, rest);
  }
  return rows;
};
