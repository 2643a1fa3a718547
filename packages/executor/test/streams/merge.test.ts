import {
  type Column,
  columnRef,
  type DataType,
  date,
  decimal,
  double,
  float,
  int32,
  int64,
  interval,
  type PhysicalPlan,
  QueryError,
  type SortKey,
  uint64,
  type Value,
  varchar,
} from "@headcut/plan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, openEngine } from "../../src/engine.ts";
import type { EncodedBatch } from "../../src/results/encoded-batch.ts";
import type { RowStream } from "../../src/streams/row-stream.ts";
import { aggregate, call, col, sort, unionAll, values } from "../pipelines/plan-builder.ts";

let engines: readonly Engine[];
const free: number[] = [];
beforeAll(() => {
  const memoryLimitBytes = 256 << 20;
  engines = [
    openEngine({ placement: "inline", memoryLimitBytes }),
    openEngine({ placement: "threads", threads: 3, memoryLimitBytes }),
  ];
  for (const engine of engines) free.push(engine.freeBytes());
});
afterAll(async () => {
  // Nothing is left of any stream, whatever became of it.
  for (const [i, engine] of engines.entries()) expect(engine.freeBytes()).toBe(free[i]);
  await Promise.all(engines.map((engine) => engine.close()));
});

/** Numbers from a seed. */
const randoms = (seed: number): ((below: number) => number) => {
  let state = seed * 2654435761;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const columns: readonly (readonly [string, DataType, (random: (below: number) => number) => Value])[] = [
  ["i", int32, (r) => r(40) - 20],
  ["l", int64, (r) => BigInt(r(9)) * 10n ** 15n - 4n],
  ["u", uint64, (r) => 2n ** 64n - 1n - BigInt(r(9))],
  ["x", double, (r) => [Number.NaN, -0, 0, 1.5, -1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][r(7)]!],
  ["f", float, (r) => [Number.NaN, -0, 0, 0.5, -1][r(5)]!],
  ["s", varchar, (r) => ["", "a", "ab", "abcdefgh", "abcdefghi", "abcdefgz", "žluť", "z", "\0", "a\0"][r(10)]!],
  ["d", decimal(30, 2), (r) => (BigInt(r(300)) - 150n) * 10n ** 20n],
  ["e", decimal(10, 2), (r) => BigInt(r(30)) - 15n],
  ["day", date, (r) => r(100) - 50],
  ["v", interval, (r) => ({ months: r(3), days: r(60), micros: BigInt(r(3)) })],
];

const randomRows = (count: number, seed: number): Value[][] => {
  const random = randoms(seed);
  return Array.from({ length: count }, () => columns.map(([, , make]) => (random(12) === 0 ? null : make(random))));
};
const rowsPlan = (rows: readonly Value[][]): PhysicalPlan =>
  values(
    columns.map(([name, type]) => [name, type, true]),
    rows,
  );
const keysOf = (plan: PhysicalPlan, chosen: readonly (readonly [string, boolean, boolean])[]): SortKey[] =>
  chosen.map(([name, descending, nullsFirst]) => ({
    expression: columnRef(plan.columns.find((column) => column.name === name)!),
    descending,
    nullsFirst,
  }));

const batchesOf = async (engine: Engine, plan: PhysicalPlan): Promise<EncodedBatch[]> => {
  const names = plan.columns.map(({ name }) => name);
  const all: EncodedBatch[] = [];
  for await (const batch of engine.execute(plan, names).encodedBatches()) all.push(batch);
  return all;
};

/** Each row as text, in order; keys first. */
const textOf = async (engine: Engine, plan: PhysicalPlan, keyed: readonly string[]): Promise<[string, string][]> => {
  const names = plan.columns.map(({ name }) => name);
  const rows: [string, string][] = [];
  for await (const batch of engine.execute(plan, names)) {
    for (const row of batch) {
      const { x, f, ...rest } = row.toJSON() as Record<string, unknown>;
      // -0 and 0 are equal, and so are 30 days and a month.
      const all: Record<string, unknown> = { ...rest, x: x === 0 ? "0" : String(x), f: f === 0 ? "0" : String(f) };
      const print = (name: string): string => String(all[name]);
      rows.push([
        keyed
          .filter((name) => name !== "v")
          .map(print)
          .join("|"),
        Object.keys(all).sort().map(print).join("|"),
      ]);
    }
  }
  return rows;
};

/** The plan's columns, from a stream. */
const streamScan = (plan: PhysicalPlan, tableId: number): PhysicalPlan => ({
  kind: "scan",
  operatorId: 1_000_000,
  columns: plan.columns,
  estimatedRows: 1,
  alias: "runs",
  filters: [],
  read: plan.columns.map((column, index) => ({ ...column, index })),
  table: {
    name: "runs",
    columns: plan.columns.map((column: Column) => column),
    rowCount: 0,
    source: { kind: "memory", tableId },
  },
});

const delayed = async function* (batches: readonly EncodedBatch[], every: number): AsyncGenerator<EncodedBatch> {
  for (const [i, batch] of batches.entries()) {
    if (every > 0 && i % every === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    yield batch;
  }
};

/** A batch's first rows, one by one: streams of many small batches. */
const streamOf = (plan: PhysicalPlan, runs: readonly (readonly EncodedBatch[])[], every = 0): RowStream => ({
  columns: plan.columns,
  maxBytes: 1 << 20,
  open: () => runs.map((run) => delayed(run, every)),
});

describe("a merge of runs", () => {
  const orders: readonly (readonly (readonly [string, boolean, boolean])[])[] = [
    [["i", false, false]],
    [["l", true, true]],
    [["u", false, true]],
    [["x", false, false]],
    [
      ["x", true, true],
      ["s", false, false],
    ],
    [
      ["f", true, false],
      ["i", false, true],
    ],
    [
      ["s", false, true],
      ["d", true, false],
    ],
    [["d", false, false]],
    [
      ["e", true, true],
      ["day", false, false],
    ],
    [
      ["v", true, false],
      ["l", false, false],
    ],
    [
      ["day", true, false],
      ["s", true, false],
      ["v", false, true],
      ["x", false, false],
    ],
  ];
  it.each(orders.map((order) => [order.map((key) => key.join(" ")).join(", "), order] as const))(
    "by %s",
    async (_, order) => {
      const shares = [900, 0, 1, 5000, 300];
      const random = randoms(order.length);
      const parts = shares.map((count) => randomRows(count, random(1000)));
      const plan = rowsPlan(parts.flat());
      const keyed = order.map(([name]) => name);
      const keys = keysOf(plan, order);
      for (const engine of engines) {
        const runs: EncodedBatch[][] = [];
        for (const part of parts) {
          const one = rowsPlan(part);
          runs.push(await batchesOf(engine, sort(one, keysOf(one, order))));
        }
        const expected = await textOf(engine, sort(plan, keys), keyed);
        for (const every of [0, 1]) {
          const tableId = engine.tables.stream(streamOf(plan, runs, every));
          const merge = { ...sort(streamScan(plan, tableId), keys), inRuns: true } as PhysicalPlan;
          const merged = await textOf(engine, merge, keyed);
          engine.tables.drop(tableId);
          expect(merged.map(([key]) => key)).toEqual(expected.map(([key]) => key));
          expect(merged.map(([, row]) => row).sort()).toEqual(expected.map(([, row]) => row).sort());
        }
      }
    },
  );
});

describe("a stream", () => {
  const part = randomRows(3000, 7);
  const plan = rowsPlan(part);
  const keys = keysOf(plan, [["i", false, false]]);

  it("is read by any thread in any order", async () => {
    for (const engine of engines) {
      const batches = await batchesOf(engine, plan);
      const runs = [batches, [], batches, batches];
      const tableId = engine.tables.stream(streamOf(plan, runs, 1));
      const scan = streamScan(plan, tableId);
      const i = col(scan, "i");
      const groups = aggregate(scan, { i }, { n: call("countStar", int64, []) });
      const rows = await textOf(engine, sort(groups, keysOf(groups, [["i", false, false]])), ["i", "n"]);
      const counts = new Map<string, number>();
      for (const [value] of part) counts.set(String(value), (counts.get(String(value)) ?? 0) + 3);
      expect(rows.map(([key]) => key).sort()).toEqual([...counts].map(([key, n]) => `${key}|${n}`).sort());
      engine.tables.drop(tableId);
    }
  });

  it("is not fetched before it is read", async () => {
    for (const engine of engines) {
      const batches = await batchesOf(engine, plan);
      const events: string[] = [];
      const noted = (name: string): RowStream => ({
        ...streamOf(plan, [], 0),
        open: () => [
          (async function* () {
            events.push(`${name} begins`);
            yield* delayed([...batches, ...batches], 1);
            events.push(`${name} ends`);
          })(),
        ],
      });
      const ids = ["first", "second"].map((name) => engine.tables.stream(noted(name)));
      const scans = ids.map((tableId, i) => ({ ...streamScan(plan, tableId), operatorId: 1_000_001 + i }));
      const rows = await batchesOf(engine, unionAll(...scans));
      expect(rows.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(4 * part.length);
      expect(events).toEqual(["first begins", "first ends", "second begins", "second ends"]);
      for (const id of ids) engine.tables.drop(id);
    }
  });

  it("says what went wrong with it", async () => {
    for (const engine of engines) {
      const batches = await batchesOf(engine, sort(plan, keys));
      const failing = async function* (): AsyncGenerator<EncodedBatch> {
        yield batches[0]!;
        await new Promise((resolve) => setTimeout(resolve, 5));
        throw new QueryError("io", "the line is dead");
      };
      const stream = { columns: plan.columns, maxBytes: 1, open: () => [delayed(batches, 0), failing()] };
      const tableId = engine.tables.stream(stream);
      const merge = { ...sort(streamScan(plan, tableId), keys), inRuns: true } as PhysicalPlan;
      await expect(batchesOf(engine, merge)).rejects.toThrow("the line is dead");
      await expect(batchesOf(engine, streamScan(plan, tableId))).rejects.toThrow("the line is dead");
      engine.tables.drop(tableId);
    }
  });

  it("is left alone when its query is cancelled", async () => {
    for (const engine of engines) {
      const batches = await batchesOf(engine, sort(plan, keys));
      let ended = 0;
      const endless = async function* (signal: AbortSignal): AsyncGenerator<EncodedBatch> {
        try {
          yield batches[0]!;
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        } finally {
          ended++;
        }
      };
      const stream = {
        columns: plan.columns,
        maxBytes: 1,
        open: (signal: AbortSignal) => [endless(signal), endless(signal)],
      };
      const tableId = engine.tables.stream(stream);
      const merge = { ...sort(streamScan(plan, tableId), keys), inRuns: true } as PhysicalPlan;
      const run = engine.execute(
        merge,
        plan.columns.map(({ name }) => name),
      );
      const reading = run.encodedBatches()[Symbol.asyncIterator]().next();
      reading.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await run.cancel();
      await expect(reading).rejects.toThrow("cancelled");
      await new Promise((resolve) => setImmediate(resolve));
      expect(ended).toBe(2);
      engine.tables.drop(tableId);
    }
  });
});
