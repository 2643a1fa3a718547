import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openParquetTable } from "@headcut/executor";
import type { Table } from "@headcut/plan";
import { generate, queryText, validationParameters } from "@headcut/tpch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linesOf, planSql, TPCH_TABLES } from "./plan-sql.ts";
import { type ProcessCluster, spreadFiles, startCluster } from "./process-cluster.ts";

let folder: string;
let cluster: ProcessCluster | undefined;
let files: readonly Table[];
let shards: readonly Table[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headcut-cluster-"));
  const data = join(folder, "data");
  mkdirSync(data);
  await generate({ scaleFactor: 0.01, directory: data, minShards: 4, threads: 1 });
  const directories = [0, 1, 2].map((i) => join(folder, `n${i}`));
  for (const directory of directories) mkdirSync(directory);
  spreadFiles(data, directories, 2);
  cluster = await startCluster(directories, join(folder, "spill"));
  files = await Promise.all(TPCH_TABLES.map((name) => openParquetTable(name, [join(data, name, "*.parquet")])));
  shards = (await Promise.all(TPCH_TABLES.map((name) => cluster!.node.catalog.resolve(name)))) as Table[];
}, 120_000);

afterAll(async () => {
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("TPC-H on three processes", () => {
  for (let query = 1; query <= 22; query++) {
    test(`query ${query}`, async () => {
      const sql = queryText(query, validationParameters(query));
      const alone = planSql(sql, files);
      const wanted = await linesOf(cluster!.node.engine.execute(alone.physical, alone.names));
      const { physical, names } = planSql(sql, shards);
      const run = cluster!.node.execute(physical, names);
      expect(await linesOf(run)).toEqual(wanted);
      const report = await run.cluster;
      expect(report.splitsByOwners).toBe(report.splits);
      expect(report.retries).toBe(0);
    });
  }
});
