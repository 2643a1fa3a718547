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
  }, 120_000);

  test("300 one after the other: nothing piles up", async () => {
    const queries = [1, 4, 6, 14].map((query) => planSql(queryText(query, validationParameters(query)), shards));
    const rounds = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const { physical, names } = queries[i % queries.length]!;
        expect((await linesOf(cluster.node.execute(physical, names))).length).toBeGreaterThan(0);
      }
    };
    const resident = async (): Promise<number[]> =>
      Promise.all(cluster.children.map(async (child) => (await child.status()).memory.residentBytes));
    await rounds(40);
    const before = await resident();
    const used = cluster.node.status().memory.usedBytes;
    await rounds(300);
    const after = await resident();
    for (const [i, bytes] of after.entries()) expect(bytes - before[i]!).toBeLessThan(64 * 1024 * 1024);
    expect(cluster.node.status().memory.usedBytes).toBe(used);
    for (const child of cluster.children) {
      await expect.poll(async () => (await child.status()).tasks).toMatchObject({ running: 0, outputBytes: 0 });
    }
  }, 300_000);
});
