import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, isCluster, scratchFolder } from "../target.ts";

const folder = scratchFolder("headcut-explain-");
let db: Connection;
beforeAll(async () => {
  db = await connect({ threads: 2 });
  const file = join(folder, "facts.parquet");
  await db.query(`COPY (SELECT x AS k, x % 10 AS g FROM range(100000) t(x)) TO '${file}' (ROW_GROUP_SIZE 10000)`);
  await db.register("facts", file);
  await db.query("CREATE TABLE groups AS SELECT x AS g, 'group ' || x AS name FROM range(10) t(x)");
});
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const SQL = "SELECT name, count(*) AS n FROM facts JOIN groups USING (g) WHERE k < $1 GROUP BY name";

/** The lines of an operator in the printed plan: its own, and those it adds. */
const operator = (plan: string, start: RegExp): string => {
  const lines = plan.split("\n");
  const at = lines.findIndex((line) => start.test(line));
  expect(at, `${start} in\n${plan}`).toBeGreaterThanOrEqual(0);
  return lines.slice(at, at + 4).join("\n");
};

describe("explain", () => {
  it("prints the logical plan, the rules and the physical plan with estimates", async () => {
    const plan = await db.explain(SQL, { parameters: [15_000] });
    expect(plan).toMatch(/^logical plan:/);
    expect(plan).toMatch(/^rules: /m);
    expect(plan).toMatch(/^physical plan:/m);
    const physical = plan.slice(plan.indexOf("physical plan:"));
    expect(physical).toMatch(/hashJoin inner on .*g.* = .*g/);
    expect(physical).toMatch(/scan facts .*~\d+/);
    expect(operator(physical, /scan facts/)).toMatch(/filter .*15000/);
  });

  it("as JSON is a tree of operators", async () => {
    const plan = JSON.parse(await db.explain(SQL, { parameters: [15_000], format: "json" }));
    expect(plan).toMatchObject({
      operator: expect.any(String),
      operatorId: expect.any(Number),
      inputs: expect.any(Array),
    });
    expect(JSON.stringify(plan)).toContain("hashJoin");
  });

  it("does not run the statement", async () => {
    await db.explain("CREATE TABLE never AS SELECT 1 AS a");
    await db.explain("INSERT INTO groups VALUES (99, 'x')");
    expect(db.tables()).toEqual(["facts", "groups"]);
    expect((await db.query("SELECT count(*) FROM groups")).toRows()).toEqual([[10n]]);
  });

  it("is a statement too", async () => {
    const result = await db.query(`EXPLAIN ${SQL}`, [15_000]);
    expect(result.toRows()).toEqual([[await db.explain(SQL, { parameters: [15_000] })]]);
    expect(await db.explain(`EXPLAIN ${SQL}`, { parameters: [15_000] })).toBe(result.toRows()[0]![0]);
  });
});

describe("explain analyze", () => {
  it("shows rows real and estimated, pruning, bytes, times, memory", async () => {
    const plan = await db.explain(SQL, { parameters: [15_000], analyze: true });
    const scan = operator(plan, /scan facts/);
    expect(scan).toMatch(/rows: 15000 \(estimated \d+\)/);
    expect(scan).toMatch(/pruned 8 row groups/);
    expect(scan).toMatch(/read [\d.]+ (B|KiB|MiB) of 2 row groups/);
    expect(operator(plan, /hashJoin/)).toMatch(/rows: 15000 \(estimated \d+\)/);
    expect(operator(plan, /aggregate/)).toMatch(/rows: 10 \(estimated \d+\)/);
    expect(plan).toMatch(/total [\d.]+ ms/);
    expect(plan).toMatch(/threads \d+, peak memory [\d.]+ (KiB|MiB), result 10 rows/);
    expect(plan).toMatch(/pipelines:\n {2}.*ms/);
  });

  it("as JSON has the metrics", async () => {
    const { plan, metrics } = JSON.parse(
      await db.explain(SQL, { parameters: [15_000], analyze: true, format: "json" }),
    );
    expect(plan.operatorId).toEqual(expect.any(Number));
    expect(metrics).toMatchObject({ threads: isCluster ? 1 : 2, resultRows: 10, scans: expect.any(Array) });
    expect(metrics.totalMs).toBeGreaterThan(0);
  });

  it("fails as the query does, and takes queries only", async () => {
    await expect(db.explain("SELECT CAST(name AS INTEGER) FROM groups", { analyze: true })).rejects.toMatchObject({
      code: "conversion",
    });
    await expect(db.explain("INSERT INTO groups VALUES (99, 'x')", { analyze: true })).rejects.toMatchObject({
      code: "unsupported",
    });
    expect((await db.query("SELECT count(*) FROM groups")).toRows()).toEqual([[10n]]);
  });
});
