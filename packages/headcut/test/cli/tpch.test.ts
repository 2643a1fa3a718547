import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
