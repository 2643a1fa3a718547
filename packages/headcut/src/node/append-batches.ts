import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClusterNodeHandle, describeFiles, type LoadReport, loadShards, viewCluster } from "@headcut/coordinator";
import type { BatchStream } from "../batch-stream.ts";
import { writeFile } from "../output/write-file.ts";

/**
 * Makes the rows one new shard of a table, which is made if there is none: written to a file, sent to its owners, and part of the table when all of them
 * have it. Rows of a stream that fails are not kept. Throws QueryError "type-mismatch" for columns that are not the table's, "unsupported" for types that
 * Parquet cannot keep, "io", and what reading the stream throws.
 */
export const appendBatches = async (
  { address, peers }: Pick<ClusterNodeHandle, "address" | "peers">,
  table: string,
  stream: BatchStream,
  options: { readonly copies?: number; readonly signal?: AbortSignal } = {},
): Promise<LoadReport> => {
  const folder = await mkdtemp(join(tmpdir(), "headcut-append-"));
  try {
    // The time first, so that rows come in the order in which they were appended.
    const time = new Date().toISOString().replaceAll(/[:.]/g, "-");
    const path = join(folder, `append-${time}-${randomUUID().slice(0, 8)}.parquet`);
    await writeFile(path, "parquet", stream, {});
    const described = await describeFiles(table, [path]);
    return await loadShards(await viewCluster(peers, [address], options.signal), { table, ...described, ...options });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
