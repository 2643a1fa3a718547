import type { NodeStatus } from "@headcut/coordinator";
import { expect, test } from "vitest";
import { prometheusText } from "./prometheus.ts";

const status: NodeStatus = {
  nodeId: "node-1",
  clusterName: "c",
  address: "a:1",
  state: "ready",
  startedAt: new Date(1_700_000_000_000),
  members: [
    {
      member: {
        nodeId: "node-1",
        address: "a:1",
        weight: 2,
        startedAt: 1,
        incarnation: 1,
        counter: 1,
        load: 0,
        status: "alive",
      },
      health: "fresh",
    },
    {
      member: {
        nodeId: "node-2",
        address: "b:1",
        weight: 2,
        startedAt: 1,
        incarnation: 1,
        counter: 1,
        load: 0,
        status: "alive",
      },
      health: "suspect",
    },
    {
      member: {
        nodeId: "node-3",
        address: "c:1",
        weight: 2,
        startedAt: 1,
        incarnation: 1,
        counter: 1,
        load: 0,
        status: "alive",
      },
      health: "lost",
    },
    {
      member: {
        nodeId: "node-4",
        address: "d:1",
        weight: 2,
        startedAt: 1,
        incarnation: 1,
        counter: 1,
        status: "left",
        load: 0,
      },
      health: "fresh",
    },
  ],
  queries: { running: 1, queued: 2, done: 3, failed: 4, cancelled: 5 },
  tasks: { queries: 2, running: 6, done: 7, failed: 8, outputBytes: 9, spilledBytes: 10 },
  calls: 3,
  retries: 11,
  exchange: { bytesIn: 12, bytesOut: 13 },
  memory: { limitBytes: 14, usedBytes: 15, residentBytes: 16 },
  cache: { limitBytes: 17, bytes: 18, entries: 19, evictions: 20 },
  splits: { all: 21, byOwners: 22 },
};

test("every line is a comment or a sample, and every metric says what it is", () => {
  const entry = { name: "a.parquet", path: "", identity: "", sizeBytes: 10, rowCount: 1, rowGroups: [], columns: [] };
  const entries = [
    { ...entry, table: 'odd "name"\\\n' },
    { ...entry, table: "t" },
    { ...entry, table: "t" },
  ];
  const text = prometheusText(status, { entries, bad: [{ table: "t", name: "b", reason: "" }] });
  for (const line of text.trimEnd().split("\n")) {
    expect(line).toMatch(
      /^(# (HELP|TYPE) headcut_[a-z_]+ .+|headcut_[a-z_]+(\{[a-z]+="([^"\\\n]|\\.)*"\})? [0-9.e+]+)$/,
    );
  }
  expect(text).toContain("headcut_ready 1\n");
  expect(text).toContain("headcut_start_time_seconds 1700000000\n");
  expect(text).toContain("headcut_members 2\n");
  expect(text).toContain("headcut_members_lost 1\n");
  expect(text).toContain('headcut_queries_total{result="failed"} 4\n');
  expect(text).toContain('headcut_shards{table="odd \\"name\\"\\\\\\n"} 1\n');
  expect(text).toContain('headcut_shard_bytes{table="t"} 20\n');
  expect(text).toContain("headcut_bad_shards 1\n");
  expect(text).toContain("headcut_queries_held 2\n");
  expect(text).toContain("headcut_calls_running 3\n");
  const metrics = text.match(/^headcut_[a-z_]+/gm)!;
  for (const name of metrics)
    expect(text).toContain(`# TYPE ${name} ${name.endsWith("_total") ? "counter" : "gauge"}\n`);
});
