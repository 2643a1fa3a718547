import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exampleResult } from "./example-result.ts";
import { formatResult, parseResult, readResult, resultPath, writeResult } from "./result-files.ts";

const result = exampleResult({ Q1: { headcut: [1.5, 2.123], duckdb: [3] }, Q2: { headcut: [4], duckdb: [5] } });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headcut-results-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("result files", () => {
  it("are read as they were written", async () => {
    const path = join(folder, "nested", "result.json");
    await writeResult(path, result);
    expect(await readResult(path)).toEqual(result);
  });

  it("have a line for each query and times in microseconds", () => {
    const text = formatResult(exampleResult({ Q1: { headcut: [1.23456789] }, Q2: { headcut: [2] } }));
    expect(text.split("\n").filter((line) => line.includes('"name"'))).toHaveLength(2);
    expect(text).toContain('"headcut":[1.235]');
  });

  it("can hold no query", () => {
    const none = exampleResult({});
    expect(parseResult(formatResult(none), "x.json")).toEqual(none);
  });

  it("of another kind are refused by name", () => {
    expect(() => parseResult("{}", "other.json")).toThrow("other.json is not a result of this runner.");
    expect(() => parseResult('{"format":2,"queries":[],"options":{}}', "new.json")).toThrow("new.json");
  });

  it("that do not exist are reported", async () => {
    await expect(readResult(join(folder, "missing.json"))).rejects.toThrow(/no result found for .*missing\.json/);
    await expect(readResult("fffffffffff0")).rejects.toThrow("no result found for fffffffffff0");
  });
});

describe("resultPath", () => {
  it("puts bare names into benchmarks/results", () => {
    expect(resultPath("sf1-after")).toMatch(/benchmarks[/\\]results[/\\]sf1-after\.json$/);
    expect(resultPath("sf0.1")).toMatch(/benchmarks[/\\]results[/\\]sf0\.1\.json$/);
  });
  it("takes paths as they are", () => {
    expect(resultPath("/tmp/a.json")).toBe("/tmp/a.json");
    expect(resultPath("a.json")).toBe(join(process.cwd(), "a.json"));
  });
});
