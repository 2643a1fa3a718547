import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClusterNodeHandle, describeFiles, loadShards, viewCluster } from "@headcut/coordinator";
import type { RecordBatch, Schema } from "apache-arrow";
import { writeParquetBatches } from "../output/parquet/write-parquet.ts";
import { writeFile } from "../output/write-file.ts";
import { arrowColumns } from "../register-arrow.ts";

/**
 * Makes the rows one new shard of a table, which is made if there is none: written to a file, sent to its owners, and part of the table when all of them
 * have it. Rows of a stream that fails are not kept. Resolves to how many there were. Throws QueryError "type-mismatch" for columns that are not the table's,
 * "unsupported" for types that Parquet cannot keep, "io", and what reading the batches throws.
 */
export const appendBatches = async (
  { address, peers }: Pick<ClusterNodeHandle, "address" | "peers">,
  table: string,
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
  options: { readonly copies?: number; readonly signal?: AbortSignal } = {},
): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), "headcut-append-"));
  try {
    // The time first, so that rows come in the order in which they were appended.
    const time = new Date().toISOString().replaceAll(/[:.]/g, "-");
    const path = join(folder, `append-${time}-${randomUUID().slice(0, 8)}.parquet`);
    const columns = arrowColumns(table, schema);
    await writeFile(path, writeParquetBatches({ columns, schema, batches }, {}));
    const described = await describeFiles(table, [path], { hasPathColumns: false });
    const rowCount = described.sources.reduce((sum, { shard }) => sum + shard.rowCount, 0);
    // An empty shard would only make scans longer.
    if (rowCount === 0) return 0;
    await loadShards(await viewCluster(peers, [address], options.signal), { table, ...described, ...options });
    return rowCount;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
