import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as plan from "@headcut/plan";
import { type PhysicalPlan, QueryError } from "@headcut/plan";
import * as arrow from "apache-arrow";
import { afterEach, describe, expect, it } from "vitest";
import { type Engine, openEngine } from "../../src/engine.ts";
import { isSmall } from "../../src/run/is-small.ts";
import type { MemoryTable } from "../../src/tables/memory-table.ts";

let engines: Engine[] = [];
const open = (...[options]: Parameters<typeof openEngine>): Engine => {
  const engine = openEngine({ threads: 2, memoryLimitBytes: 256 << 20, ...options });
  engines.push(engine);
  return engine;
};
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  engines = [];
});

const numbers = (engine: Engine, rows: number): MemoryTable => {
  const table = engine.tables.create("numbers", [{ name: "n", type: plan.int32, nullable: false }]);
  const n = arrow.vectorFromArray(Int32Array.from({ length: rows }, (_, i) => i));
  table.appendArrow(...new arrow.Table({ n }).batches);
  return table;
};

const scan = (table: MemoryTable): PhysicalPlan => {
  const columns = table.columns.map((column, index) => ({ ...column, id: index + 1, index }));
  const rest = { table: table.describe(), alias: "t", read: columns, filters: [] };
  return { kind: "scan", operatorId: 0, columns, estimatedRows: table.rowCount(), ...rest };
};

const sum = async (engine: Engine, table: MemoryTable): Promise<number> => {
  let total = 0;
  for await (const batch of engine.execute(scan(table), ["n"])) {
    for (const value of batch.getChildAt(0)!.toArray() as Int32Array) total += value;
  }
  return total;
};

describe("an engine", () => {
  it("runs many queries at once, small and large, on the calling thread and on workers", async () => {
    const engine = open();
    const small = numbers(engine, 1000);
    const large = numbers(engine, 400_000);
    const free = engine.freeBytes();
    const sums = await Promise.all(Array.from({ length: 24 }, (_, i) => sum(engine, i % 3 === 0 ? large : small)));
    expect(new Set(sums.filter((_, i) => i % 3 === 0))).toEqual(new Set([(400_000 * 399_999) / 2]));
    expect(new Set(sums.filter((_, i) => i % 3 !== 0))).toEqual(new Set([(1000 * 999) / 2]));
    expect(engine.freeBytes()).toBe(free);
  });

  it("lets a query run inside the loop that reads another", async () => {
    const engine = open({ placement: "threads" });
    const table = numbers(engine, 300_000);
    let rounds = 0;
    for await (const batch of engine.execute(scan(table), ["n"])) {
      expect(batch.numRows).toBeGreaterThan(0);
      if (rounds++ < 3) expect(await sum(engine, table)).toBe((300_000 * 299_999) / 2);
    }
    expect(rounds).toBeGreaterThan(3);
  });

  it("frees everything when a reader leaves its loop", async () => {
    const engine = open();
    const table = numbers(engine, 400_000);
    const free = engine.freeBytes();
    const run = engine.execute(scan(table), ["n"]);
    for await (const batch of run) {
      expect(batch.numCols).toBe(1);
      break;
    }
    expect(engine.freeBytes()).toBe(free);
    await run.cancel();
  });

  it("tells a reader at once that the query was stopped, whatever rows are there for him", async () => {
    const engine = open();
    const table = numbers(engine, 400_000);
    const abort = new AbortController();
    // So many rows that it pauses, and has not ended.
    const { columns, estimatedRows } = scan(table);
    const inputs = Array.from({ length: 100 }, () => scan(table));
    const inputColumns = inputs.map(() => columns.map(({ id }) => id));
    const many: PhysicalPlan = { kind: "unionAll", operatorId: 1, columns, estimatedRows, inputs, inputColumns };
    const run = engine.execute(many, ["n"], { signal: abort.signal });
    const batches = run.encodedBatches()[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i++) expect((await batches.next()).done).toBe(false);
    // More of them come to this thread.
    await new Promise((resolve) => setTimeout(resolve, 100));
    abort.abort();
    await expect(batches.next()).rejects.toMatchObject({ code: "cancelled" });
  });

  it("runs in little memory, and names the operator that wanted more than its query may have", async () => {
    const engine = open();
    const table = numbers(engine, 1000);
    const within = engine.execute(scan(table), ["n"], { memoryLimitBytes: 512 << 10 });
    for await (const batch of within) expect(batch.numRows).toBeGreaterThan(0);
    expect((await within.metrics).resultRows).toBe(1000);
    const beyond = engine.execute(scan(table), ["n"], { memoryLimitBytes: 70_000 });
    await expect(beyond[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "out-of-memory",
      message: "scan of numbers needs more memory than the query may use, 68 KiB: the result has 64 KiB",
    });
    await expect(beyond.metrics).rejects.toBeInstanceOf(QueryError);
  });

  it("tells the engine's memory from the query's limit", async () => {
    const engine = open({ memoryLimitBytes: 8 << 20, threads: 1 });
    const table = numbers(engine, 10);
    const hold = [];
    while (engine.freeBytes() > 200_000) hold.push(numbers(engine, 10));
    await expect(engine.execute(scan(table), ["n"], { memoryLimitBytes: 4 << 20 }).metrics).rejects.toMatchObject({
      code: "out-of-memory",
      message: expect.stringContaining("the engine"),
    });
  });

  it("cancels what runs when it is closed, and runs nothing afterwards", async () => {
    const engine = open({ placement: "threads" });
    const table = numbers(engine, 400_000);
    const run = engine.execute(scan(table), ["n"]);
    const plan = scan(table);
    await engine.close();
    await expect(run.metrics).rejects.toMatchObject({ code: "cancelled" });
    expect(() => engine.execute(plan, ["n"])).toThrow("the engine is closed");
    await engine.close();
  });

  it("says that a table is gone", async () => {
    const engine = open();
    const table = numbers(engine, 10);
    const plan = scan(table);
    engine.tables.drop(table.tableId);
    await expect(engine.execute(plan, ["n"]).metrics).rejects.toMatchObject({ code: "unknown-table" });
  });

  it("refuses numbers of threads that make no sense", () => {
    for (const threads of [0, -1, 1.5, 1000, Number.NaN]) {
      expect(() => openEngine({ threads })).toThrow(/threads must be a whole number/);
    }
  });

  it("does not keep the process alive, even if it is never closed", async () => {
    const script = `
      import { openEngine } from ${JSON.stringify(new URL("../../dist/engine.js", import.meta.url).href)};
      const engine = openEngine({ threads: 2, placement: "threads" });
      const columns = [{ id: 1, name: "x", type: { kind: "int32" }, nullable: false }];
      const value = { kind: "constant", type: { kind: "int32" }, value: 42, nullable: false };
      const plan = { kind: "values", operatorId: 0, columns, estimatedRows: 1, rows: [[value]] };
      for await (const batch of engine.execute(plan, ["x"]).encodedBatches()) console.log(batch.columns[0].values[0]);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      timeout: 20_000,
    });
    expect(stdout).toBe("42\n");
  });
});

describe("a small query", () => {
  const values = (rows: number): PhysicalPlan => ({
    kind: "values",
    operatorId: 0,
    columns: [],
    estimatedRows: rows,
    rows: Array.from({ length: rows }, () => []),
  });
  const pairs = (keys: number, build: PhysicalPlan, probe: PhysicalPlan, estimatedRows: number): PhysicalPlan => ({
    kind: "hashJoin",
    joinKind: "inner",
    operatorId: 1,
    columns: [],
    estimatedRows,
    build,
    probe,
    keys: Array.from({ length: keys }, () => ({ build: plan.TRUE, probe: plan.TRUE, nullSafe: false })),
    residual: plan.TRUE,
    mark: undefined,
  });

  it("counts what a CTE holds each time it is read", () => {
    const cte: PhysicalPlan = {
      kind: "cteScan",
      operatorId: 2,
      columns: [],
      estimatedRows: 1,
      cteId: 0,
      name: "c",
      sources: [],
    };
    const query = (body: PhysicalPlan): PhysicalPlan => ({
      kind: "with",
      operatorId: 3,
      columns: [],
      estimatedRows: 1,
      cteId: 0,
      name: "c",
      definition: values(1000),
      body,
    });
    expect(isSmall(query(cte))).toBe(true);
    expect(isSmall(query(pairs(0, cte, cte, 1)))).toBe(false);
  });

  it("is one that reads, pairs and makes few rows", () => {
    expect(isSmall(values(50_000))).toBe(true);
    expect(isSmall(values(50_001))).toBe(false);
    expect(isSmall(pairs(1, values(1000), values(1000), 1000))).toBe(true);
    expect(isSmall(pairs(1, values(1000), values(1000), 1_000_000))).toBe(false);
    expect(isSmall(pairs(0, values(1000), values(1000), 1))).toBe(false);
    expect(isSmall(pairs(0, values(100), values(100), 1))).toBe(true);
    // Whatever the estimate says, ten thousand times ten thousand rows may be too many for the calling thread.
    expect(isSmall(pairs(1, values(10_000), values(10_000), 1))).toBe(false);
  });
});
