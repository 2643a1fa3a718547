import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkRecord } from "../slt/check-record.ts";
import type { SltRecord } from "../slt/parse-slt.ts";
import { readSlt, sltFiles } from "../slt/slt-files.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

/** Files that are put into a node's folder by hand are seen by the other nodes so much later. */
const SEEN_AFTER_MS = 1200;

/** With columns of types that no Parquet file of ours has, such as INTERVAL: they are tables of the session. */
const WITHOUT_FILES: ReadonlySet<string | undefined> = new Set(["times", "texts"]);

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());

/** Writes the table's rows into the nodes' folders, a part to each: no node can answer for all of it. */
const spread = async (tables: Connection, table: string): Promise<void> => {
  const { nodes } = cluster;
  const count = Number((await tables.query(`SELECT count(*)::INTEGER FROM ${table}`)).toRows()[0]![0]);
  const size = Math.ceil(count / nodes.length);
  for (const [part, { data }] of nodes.entries()) {
    mkdirSync(join(data, table), { recursive: true });
    const unfinished = join(data, `.${table}.parquet`);
    await tables.query(`COPY (SELECT * FROM ${table} LIMIT ${size} OFFSET ${part * size}) TO '${unfinished}'`);
    renameSync(unfinished, join(data, table, `part-${part}.parquet`));
  }
};

/** The table that a statement makes or adds to, if it is to be one of shards. */
const changedTable = (record: SltRecord): string | undefined => {
  if (record.kind === "query" || record.error !== undefined) return undefined;
  const table = /^(?:CREATE TABLE|INSERT INTO) (\w+)/.exec(record.sql)?.[1];
  return WITHOUT_FILES.has(table) ? undefined : table;
};

it.each(sltFiles())("%s", async (file) => {
  await using db = await connect(cluster.url);
  await using tables = await connect({ threads: 1 });
  const unseen = new Set<string>();
  let [onShards, onAllNodes] = [false, 0];
  for (const record of readSlt(file)) {
    const table = changedTable(record);
    if (table !== undefined) {
      await tables.query(record.sql);
      unseen.add(table);
      onShards = true;
      continue;
    }
    if (unseen.size > 0) {
      for (const each of unseen) await spread(tables, each);
      unseen.clear();
      await sleep(SEEN_AFTER_MS);
    }
    const result = await checkRecord(db, file, record);
    if (result?.cluster?.nodes.length === cluster.nodes.length) onAllNodes++;
  }
  if (onShards) expect(onAllNodes).toBeGreaterThanOrEqual(5);
});
