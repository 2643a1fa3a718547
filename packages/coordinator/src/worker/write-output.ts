import type { EncodedBatch, QueryRun } from "@headcut/executor";
import { partitionOf } from "@headcut/executor";
import { type Column, columnRef, int32, type PhysicalPlan, type Projection, physicalInputs } from "@headcut/plan";
import type { Output } from "../cut/fragment.ts";
import { type BatchBuilder, batchBuilder } from "../exchange/batch-builder.ts";
import type { StoredOutput } from "../exchange/output-store.ts";
import { encodeRows } from "../exchange/row-messages.ts";
import { rowsByPartition } from "../exchange/rows-by-partition.ts";

/** Into how many parts an output goes. */
export const partitionCount = (output: Output): number => (output.kind === "hash" ? output.partitions : 1);

/** The plan with one more column at the end where its rows are to be told apart: the partition each belongs to. */
export const withPartition = (plan: PhysicalPlan, output: Output): PhysicalPlan => {
  if (output.kind !== "hash" || output.partitions === 1) return plan;
  const id = Math.max(...plan.columns.map((column) => column.id), 0) + 1;
  const added: Column = { id, name: "partition", type: int32, nullable: false };
  const projections: Projection[] = plan.columns.map((column) => ({
    id: column.id,
    name: column.name,
    expression: columnRef(column),
  }));
  projections.push({ id, name: added.name, expression: partitionOf(output.keys, output.partitions) });
  return {
    kind: "project",
    operatorId: highestOperator(plan) + 1,
    columns: [...plan.columns, added],
    estimatedRows: plan.estimatedRows,
    input: plan,
    projections,
  };
};

const highestOperator = (plan: PhysicalPlan): number =>
  Math.max(plan.operatorId, ...physicalInputs(plan).map(highestOperator));

/** Keeps the rows of a run of `withPartition`'s plan; how many there were. */
export const writeOutput = async (
  run: QueryRun,
  columns: readonly Column[],
  output: Output,
  into: StoredOutput,
): Promise<number> => {
  let rows = 0;
  const append = async (partition: number, batch: EncodedBatch): Promise<void> => {
    for (const message of encodeRows(batch, columns)) await into.append(partition, message);
  };
  const partitions = partitionCount(output);
  if (partitions === 1) {
    for await (const batch of run.encodedBatches()) {
      rows += batch.rowCount;
      await append(0, batch);
    }
    return rows;
  }
  const builders = Array.from({ length: partitions }, (): BatchBuilder => batchBuilder(columns));
  for await (const batch of run.encodedBatches()) {
    rows += batch.rowCount;
    const { values } = batch.columns[columns.length]!;
    const { starts, rows: order } = rowsByPartition(
      new Int32Array(values.buffer, values.byteOffset, batch.rowCount),
      partitions,
    );
    for (let p = 0; p < partitions; p++) {
      const [from, to] = [starts[p]!, starts[p + 1]!];
      if (from === to) continue;
      const builder = builders[p]!;
      builder.append(batch, order, from, to);
      if (builder.isFull()) await append(p, builder.finish()!);
    }
  }
  for (let p = 0; p < partitions; p++) {
    const rest = builders[p]!.finish();
    if (rest !== undefined) await append(p, rest);
  }
  return rows;
};
