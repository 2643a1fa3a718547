import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineNames } from "../engines/engine.ts";
import type { QuerySet } from "../sets/query-set.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { runBenchmark } from "./run-benchmark.ts";

const options = { engines: engineNames, threads: 2, cache: false, runs: 2, memory: false };
const silent = { onStart: () => undefined, onQuery: () => undefined };

let directory: string;
let set: QuerySet;
beforeAll(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "headcut-bench-")), "tpch");
  set = await openTpchSet({ scaleFactor: 0.01, queries: [1, 6], directory, writer: "headcut" });
});
afterAll(() => rm(join(directory, ".."), { recursive: true, force: true }));

describe("runBenchmark", () => {
  it("times all engines by turns and checks their answers", async () => {
    const seen: string[] = [];
    const result = await runBenchmark(set, options, { ...silent, onQuery: ({ name }) => seen.push(name) });
    expect(seen).toEqual(["Q1", "Q6"]);
    expect(result.options).toMatchObject({ set: "tpch-sf0.01", writer: "headcut", threads: 2, runs: 2 });
    for (const [index, rowCount] of [4, 1].entries()) {
      const query = result.queries[index]!;
      expect(query).toMatchObject({ rowCount, checked: true });
      for (const engine of engineNames) expect(query.ms[engine]).toHaveLength(2);
      expect(query.bytesRead).toBeGreaterThan(100_000);
    }
  });

  it("reads what DuckDB has written of the same rows", async () => {
    const rewritten = await openTpchSet({ scaleFactor: 0.01, queries: [6], directory, writer: "duckdb" });
    expect(rewritten.data.tables.lineitem).not.toBe(set.data.tables.lineitem);
    const result = await runBenchmark(rewritten, { ...options, engines: ["headcut"], runs: 1 }, silent);
    expect(result.queries).toMatchObject([{ name: "Q6", rowCount: 1, checked: true }]);
  });

  it("does not time a wrong answer or a query that fails, and goes on", async () => {
    const [first, second] = set.queries;
    const wrong = { ...first!, stored: { ...first!.stored!, rows: first!.stored!.rows.slice(1) } };
    const failing = { ...second!, name: "failing", sql: "SELECT nothing FROM lineitem" };
    const { queries } = await runBenchmark({ ...set, queries: [wrong, failing, second!] }, options, silent);
    expect(queries.map(({ ms }) => Object.keys(ms).length)).toEqual([0, 0, engineNames.length]);
    expect(queries[0]!.problem).toMatch(/^the answer of headcut is wrong\. Row 1/);
    expect(queries[1]!.problem).toMatch(/nothing/);
    expect(queries[2]!.problem).toBeUndefined();
  });

  it("says when there was nothing to compare with", async () => {
    const { stored: _, ...unknown } = set.queries[1]!;
    const result = await runBenchmark({ ...set, queries: [unknown] }, { ...options, engines: ["headcut"] }, silent);
    expect(result.queries[0]).toMatchObject({ name: "Q6", checked: false });
  });
});
