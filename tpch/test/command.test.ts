import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runTpchCommand } from "../src/command.ts";
import { openDuckDB } from "../src/runner/duckdb-engine.ts";
import type { OpenEngine } from "../src/runner/engine.ts";

let data: string;
let output: string;
let errors: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "headcut-tpch-"));
});
afterAll(() => rm(data, { recursive: true, force: true }));
beforeEach(() => {
  output = "";
  errors = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    output += chunk;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    errors += chunk;
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

/** DuckDB, but for the rows of Q6 and an error in Q1. */
const faulty: OpenEngine = async (options) => {
  const engine = await openDuckDB(options);
  return {
    close: () => engine.close(),
    async query(sql, signal) {
      if (sql.includes("sum_qty")) throw new Error("Q1 is beyond me.");
      const { columns, rows } = await engine.query(sql, signal);
      return sql.includes("l_discount BETWEEN") ? { columns, rows: [["1.0000"]] } : { columns, rows };
    },
  };
};

describe("headcut tpch", () => {
  it("generates the data, runs all queries and finds the answers right", async () => {
    const json = join(data, "report.json");
    const argv = ["--sf", "0.01", "--data", data, "--runs", "1", "--against", "duckdb", "--json", json];
    expect(await runTpchCommand(argv, openDuckDB)).toBe(0);
    expect(output).toMatch("22 of 22 answers right");
    const report = JSON.parse(await readFile(json, "utf8"));
    expect(report).toMatchObject({ sf: 0.01, nodes: 1 });
    expect(report.queries).toHaveLength(22);
    expect(report.ratio).toBeCloseTo(report.geomeanMs / report.duckdbGeomeanMs, 9);
  });

  it("reports wrong answers and failing queries, and goes on", async () => {
    const argv = ["--sf", "0.01", "--data", data, "--runs", "1", "--queries", "1,5-6"];
    expect(await runTpchCommand(argv, faulty)).toBe(1);
    expect(output).toMatch(/Q1 .*failed: Q1 is beyond me\./);
    expect(output).toMatch(/Q5 .*right/);
    expect(output).toMatch(/Q6 .*wrong: Row 1, column revenue: 1193053\.2253 was expected, but it is 1\.0000\./);
    expect(output).toMatch("1 of 3 answers right");
  });

  it("says unchecked when drawn parameters have nothing to be compared with", async () => {
    const argv = ["--sf", "0.01", "--data", data, "--runs", "1", "--queries", "6", "--seed", "7"];
    expect(await runTpchCommand(argv, openDuckDB)).toBe(0);
    expect(output).toMatch(/Q6 .*unchecked/);
    expect(errors).toMatch("add --against duckdb");
    expect(await runTpchCommand([...argv, "--against", "duckdb"], openDuckDB)).toBe(0);
    expect(output).toMatch(/Q6 .*right/);
  });

  it.each([
    [["--queries", "23"], "It must list queries from 1 to 22"],
    [["--sf", "zero"], "It must be a number above 0."],
    [["generate", "--out", "x", "--part", "3/2"], "It must be i/n with 1 ≤ i ≤ n"],
    [["generate"], "required option '--out <dir>' not specified"],
  ])("refuses %j", async (argv, message) => {
    expect(await runTpchCommand(argv, openDuckDB)).toBe(1);
    expect(errors).toMatch(message);
  });

  it("refuses data of another scale factor", async () => {
    expect(await runTpchCommand(["--sf", "0.1", "--data", data], openDuckDB)).toBe(1);
    expect(errors).toMatch("holds TPC-H data at scale factor 0.01");
  });
});
