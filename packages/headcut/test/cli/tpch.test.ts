import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { headcut } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-tpch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("headcut tpch generates, runs, checks and reports", () => {
  const [data, json] = [join(folder, "data"), join(folder, "report.json")];
  const args = [
    "tpch",
    "--sf",
    "0.01",
    "--data",
    data,
    "--queries",
    "1,6",
    "--runs",
    "1",
    "--threads",
    "2",
    "--json",
    json,
  ];
  const { status, stdout, stderr } = headcut(args);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/6/);
  const report = JSON.parse(readFileSync(json, "utf8"));
  expect(report).toMatchObject({
    sf: 0.01,
    threads: 2,
    nodes: 1,
    queries: [
      { query: 1, correct: true },
      { query: 6, correct: true },
    ],
  });
});

it("headcut tpch --help and wrong options are the runner's own", () => {
  expect(headcut(["tpch", "--help"]).stdout).toContain("--against");
  expect(headcut(["tpch", "generate", "--help"]).stdout).toContain("--compression");
  expect(headcut(["tpch", "--sf", "nonsense"]).status).not.toBe(0);
});

it("headcut tpch --cluster starts nodes, loads them, kills one during each query, and leaves nothing", () => {
  const [data, json, temporary] = [join(folder, "shards"), join(folder, "cluster.json"), join(folder, "tmp")];
  mkdirSync(temporary);
  const which = ["--queries", "1,4,6,9,13,18,21", "--runs", "1", "--threads", "1"];
  const args = ["tpch", "--sf", "0.01", "--data", data, "--cluster", "3", "--kill", "5", "--json", json, ...which];
  const { status, stdout, stderr } = headcut(args, "", { TMPDIR: temporary });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("3 nodes, 1 thread each: 7 of 7 answers right");
  const report = JSON.parse(readFileSync(json, "utf8"));
  expect(report).toMatchObject({ nodes: 3, threads: 1 });
  expect(readdirSync(join(data, "lineitem"))).toHaveLength(12);
  for (const { correct, cluster, killed } of report.queries) {
    expect(correct).toBe(true);
    expect(cluster.splits).toBeGreaterThan(0);
    expect(cluster.splitsByOwners).toBe(cluster.splits);
    expect([1, 2, 3]).toContain(killed.node);
  }
  expect(report.queries[2].cluster.bytesBetweenNodes).toBeLessThan(64 * 1024);
  expect(readdirSync(temporary).filter((name) => name.startsWith("headcut-tpch-cluster"))).toEqual([]);
}, 240_000);

it("headcut tpch --cluster refuses what makes no sense", () => {
  expect(headcut(["tpch", "--kill", "--data", join(folder, "shards")])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("--kill needs --cluster"),
  });
  expect(headcut(["tpch", "--cluster", "2", "--connect", "grpc://a:1"]).status).toBe(1);
});
