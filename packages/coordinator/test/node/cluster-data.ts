import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openParquetTable } from "@headcut/executor";
import type { Table } from "@headcut/plan";
import { generate } from "@headcut/tpch";
import { TPCH_TABLES } from "./plan-sql.ts";
import { spreadFiles } from "./process-cluster.ts";

/** TPC-H at scale factor 0.01 in a new folder: whole, and spread over the directories of nodes. */
export interface ClusterData {
  readonly folder: string;
  /** Node i's. */
  readonly directories: readonly string[];
  /** The same tables as files of one folder, for an engine alone. */
  readonly files: readonly Table[];
  remove(): void;
}

export const clusterData = async (nodeCount: number, copies: number): Promise<ClusterData> => {
  const folder = mkdtempSync(join(tmpdir(), "headcut-cluster-"));
  const data = join(folder, "data");
  mkdirSync(data);
  await generate({ scaleFactor: 0.01, directory: data, minShards: 4, threads: 1 });
  const directories = Array.from({ length: nodeCount }, (_, i) => join(folder, `n${i}`));
  for (const directory of directories) mkdirSync(directory);
  spreadFiles(data, directories, copies);
  const files = await Promise.all(TPCH_TABLES.map((name) => openParquetTable(name, [join(data, name, "*.parquet")])));
  return { folder, directories, files, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
