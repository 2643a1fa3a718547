import { join } from "node:path";
import type { Table } from "@headcut/plan";
import { queryText, validationParameters } from "@headcut/tpch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClusterData, clusterData } from "./cluster-data.ts";
import { linesOf, planSql, TPCH_TABLES } from "./plan-sql.ts";
import { type ProcessCluster, startCluster } from "./process-cluster.ts";

let data: ClusterData;
let cluster: ProcessCluster;
let shards: readonly Table[];

beforeAll(async () => {
  data = await clusterData(3, 2);
  cluster = await startCluster(data.directories, join(data.folder, "spill"));
  shards = (await Promise.all(TPCH_TABLES.map((name) => cluster.node.catalog.resolve(name)))) as Table[];
}, 120_000);

afterAll(async () => {
  await cluster?.close();
  data?.remove();
});

describe("TPC-H on three processes", () => {
  for (let query = 1; query <= 22; query++) {
    test(`query ${query}`, async () => {
      const sql = queryText(query, validationParameters(query));
      const alone = planSql(sql, data.files);
      const wanted = await linesOf(cluster.node.engine.execute(alone.physical, alone.names));
      const { physical, names } = planSql(sql, shards);
      const run = cluster.node.execute(physical, names);
      expect(await linesOf(run)).toEqual(wanted);
      const report = await run.cluster;
      expect(report.splitsByOwners).toBe(report.splits);
      expect(report.retries).toBe(0);
      expect(report.nodes).toEqual(["n0", "n1", "n2"]);
      expect(report.fragments[0]!.rows).toBe(wanted.length);
    });
  }

  test("64 at once, then nothing is left", async () => {
    const all = Array.from({ length: 64 }, (_, i) => {
      const sql = queryText((i % 22) + 1, validationParameters((i % 22) + 1));
      const { physical, names } = planSql(sql, shards);
      return linesOf(cluster.node.execute(physical, names));
    });
    const found = await Promise.all(all);
    for (const [i, lines] of found.entries()) expect(lines).toEqual(found[i % 22]);
    expect(cluster.node.status().queries).toMatchObject({ running: 0, queued: 0, failed: 0 });
    for (const child of cluster.children) {
      await expect.poll(async () => (await child.status()).tasks).toMatchObject({ running: 0, outputBytes: 0 });
    }
  }, 60_000);
});
