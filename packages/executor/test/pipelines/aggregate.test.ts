import {
  boolean,
  compare,
  constant,
  date,
  decimal,
  double,
  float,
  hugeint,
  int32,
  int64,
  interval,
  type PhysicalPlan,
  uint64,
  type Value,
  varchar,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { aggregate, call, col, filter, scan, testTable, unionAll, values } from "./plan-builder.ts";
import { errorCode, type RunOptions, runPlan } from "./run-plan.ts";

const printed = (value: Value): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}n` : item));
const sorted = (rows: Value[][]): string[] => rows.map((row) => row.map(printed).join(" ")).sort();

const mixed = testTable("mixed", {
  g: [varchar, ["a", "b", null, "a", null, "c", "b", "a"]],
  i: [int32, [1, 2, 3, null, 5, null, -7, 8]],
  l: [int64, [10n, 2n ** 62n, 2n ** 62n, 2n ** 62n, null, null, 2n ** 62n, -3n]],
  d: [decimal(15, 2), [100n, 250n, null, 50n, -50n, null, 1n, 7n]],
  x: [double, [1.5, Number.NaN, -0, null, 2.5, null, Number.NEGATIVE_INFINITY, 4]],
  s: [varchar, ["pear", "fig", "", null, "apple pie à la mode", null, "figs", "zebra"]],
  t: [boolean, [true, false, null, true, true, null, false, false]],
  day: [date, [1, 2, null, 4, -5, null, 7, 8]],
});

const modes: RunOptions[] = [
  { threads: 1 },
  { threads: 4, batchRows: 2, dictionaries: "text" },
  { threads: 3, batchRows: 1 },
  { threads: 2, batchRows: 1, dictionaries: "chunks" },
];

describe.each(modes)("aggregation, $threads threads, batches of $batchRows", (options) => {
  const run = (plan: PhysicalPlan, tables = [mixed]) => runPlan(plan, tables, options).rows;

  it("computes every numeric aggregate over all rows", () => {
    const t = scan(mixed);
    const [i, l, d, x] = ["i", "l", "d", "x"].map((name) => col(t, name)) as [never, never, never, never];
    const plan = aggregate(
      t,
      {},
      {
        rows: call("countStar", int64, []),
        is: call("count", int64, [i]),
        sumI: call("sum", hugeint, [i]),
        sumL: call("sum", hugeint, [l]),
        sumD: call("sum", decimal(38, 2), [d]),
        avgI: call("avg", double, [i]),
        avgD: call("avg", double, [d]),
        minI: call("min", int32, [i]),
        maxL: call("max", int64, [l]),
        minX: call("min", double, [x]),
        maxX: call("max", double, [x]),
      },
    );
    expect(run(plan)).toEqual([
      [8n, 6n, 12n, 4n * 2n ** 62n + 7n, 358n, 2, 358 / 600, -7, 2n ** 62n, Number.NEGATIVE_INFINITY, Number.NaN],
    ]);
  });

  it("gives one row of NULLs and zero counts for no input", () => {
    const t = scan(mixed);
    const none = filter(t, compare("gt", col(t, "i"), constant(int32, 1000)));
    const plan = aggregate(
      none,
      {},
      {
        rows: call("countStar", int64, []),
        is: call("count", int64, [col(t, "i")]),
        sum: call("sum", hugeint, [col(t, "i")]),
        avg: call("avg", double, [col(t, "i")]),
        min: call("min", varchar, [col(t, "s")]),
        dev: call("stddevSamp", double, [col(t, "x")]),
        median: call("median", double, [col(t, "i")]),
        joined: call("stringAgg", varchar, [col(t, "s"), constant(varchar, ",")]),
        first: call("first", int32, [col(t, "i")]),
        any: call("anyValue", varchar, [col(t, "s")]),
        every: call("boolAnd", boolean, [col(t, "t")]),
      },
    );
    expect(run(plan)).toEqual([[0n, 0n, null, null, null, null, null, null, null, null, null]]);
    expect(run(aggregate(none, { g: col(t, "g") }, { rows: call("countStar", int64, []) }))).toEqual([]);
  });

  it("groups by a nullable string, NULL being a group", () => {
    const t = scan(mixed);
    const plan = aggregate(
      t,
      { g: col(t, "g") },
      {
        rows: call("countStar", int64, []),
        sum: call("sum", hugeint, [col(t, "i")]),
        min: call("min", varchar, [col(t, "s")]),
        max: call("max", varchar, [col(t, "s")]),
        every: call("boolAnd", boolean, [col(t, "t")]),
        some: call("boolOr", boolean, [col(t, "t")]),
        last: call("max", date, [col(t, "day")]),
      },
    );
    expect(sorted(run(plan))).toEqual(
      sorted([
        ["a", 3n, 9n, "pear", "zebra", false, true, 8],
        ["b", 2n, -5n, "fig", "figs", false, false, 7],
        ["c", 1n, null, null, null, null, null, null],
        [null, 2n, 8n, "", "apple pie à la mode", true, true, -5],
      ]),
    );
  });

  it("leaves out rows whose filter is not TRUE", () => {
    const t = scan(mixed);
    const positive = { filter: compare("gt", col(t, "i"), constant(int32, 0)) };
    const plan = aggregate(
      t,
      { g: col(t, "g") },
      {
        rows: call("countStar", int64, [], positive),
        sum: call("sum", hugeint, [col(t, "i")], positive),
        all: call("sum", hugeint, [col(t, "i")]),
        names: call("max", varchar, [col(t, "s")], positive),
      },
    );
    expect(sorted(run(plan))).toEqual(
      sorted([
        ["a", 2n, 9n, 9n, "zebra"],
        ["b", 1n, 2n, -5n, "fig"],
        ["c", 0n, null, null, null],
        [null, 2n, 8n, 8n, "apple pie à la mode"],
      ]),
    );
  });

  it("keeps floats that are equal in one group: zeros of both signs, all NaN", () => {
    const floats = testTable("floats", { f: [float, [0, -0, Number.NaN, Number.NaN, 1]] });
    const t = scan(floats);
    const plan = aggregate(t, { f: col(t, "f") }, { n: call("countStar", int64, []) });
    const counts = run(plan, [floats]).map(([f, n]) => [Object.is(f, -0) ? 0 : f, n] as Value[]);
    expect(sorted(counts)).toEqual(
      sorted([
        [0, 2n],
        [Number.NaN, 2n],
        [1, 1n],
      ]),
    );
  });

  it("collects: medians, joined strings in order, any and first values", () => {
    const t = scan(mixed);
    const byDay = { orderBy: [{ expression: col(t, "day"), descending: true, nullsFirst: false }] };
    const plan = aggregate(
      t,
      {},
      {
        median: call("median", double, [col(t, "i")]),
        medianD: call("median", decimal(15, 2), [col(t, "d")]),
        day: call("median", date, [col(t, "day")]),
        joined: call("stringAgg", varchar, [col(t, "s"), constant(varchar, ", ")], byDay),
      },
    );
    expect(run(plan)).toEqual([[2.5, 28n, 2, "zebra, figs, fig, pear, apple pie à la mode, "]]);
    const one = filter(t, compare("eq", col(t, "g"), constant(varchar, "c")));
    const firsts = aggregate(
      one,
      {},
      {
        first: call("first", int32, [col(t, "i")]),
        any: call("anyValue", varchar, [col(t, "g")]),
      },
    );
    expect(run(firsts)).toEqual([[null, "c"]]);
  });

  it("computes variances, combining threads", () => {
    const numbers = testTable("numbers", {
      x: [double, [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16, null]],
      k: [int32, [1, 1, 1, 2, 2]],
    });
    const t = scan(numbers);
    const all = {
      varSamp: call("varSamp", double, [col(t, "x")]),
      varPop: call("varPop", double, [col(t, "x")]),
      stddevSamp: call("stddevSamp", double, [col(t, "x")]),
      stddevPop: call("stddevPop", double, [col(t, "x")]),
    };
    const [row] = run(aggregate(t, {}, all), [numbers]);
    [30, 22.5, Math.sqrt(30), Math.sqrt(22.5)].forEach((expected, i) => {
      expect(row![i]).toBeCloseTo(expected, 9);
    });
    const groups = run(aggregate(t, { k: col(t, "k") }, all), [numbers]);
    expect(groups.find(([k]) => k === 2)).toEqual([2, null, 0, null, 0]);
  });

  it("puts variances together from parts: numbers, means, variances", () => {
    const parts = testTable("parts", {
      n: [int64, [3n, 1n, 0n]],
      mean: [double, [1e9 + 8, 1e9 + 16, null]],
      spread: [double, [14, 0, null]],
      k: [int32, [1, 1, 2]],
    });
    const t = scan(parts);
    const args = [col(t, "n"), col(t, "mean"), col(t, "spread")];
    const all = { varSamp: call("varSamp", double, args), stddevPop: call("stddevPop", double, args) };
    const [row] = run(aggregate(t, {}, all), [parts]);
    expect(row![0]).toBeCloseTo(30, 9);
    expect(row![1]).toBeCloseTo(Math.sqrt(22.5), 9);
    const groups = run(aggregate(t, { k: col(t, "k") }, all), [parts]);
    expect(groups.find(([k]) => k === 2)).toEqual([2, null, null]);
  });

  it("adds to 128 bits and raises overflow beyond 38 digits", () => {
    const max = 10n ** 38n - 1n;
    const wide = testTable("wide", { d: [decimal(38, 0), [max, 1n, -1n]], u: [uint64, [2n ** 64n - 1n, 1n, 0n]] });
    const t = scan(wide);
    const sum = { s: call("sum", decimal(38, 0), [col(t, "d")]) };
    expect(run(aggregate(t, {}, sum), [wide])).toEqual([[max]]);
    const positive = filter(t, compare("gt", col(t, "d"), constant(decimal(38, 0), 0n)));
    expect(errorCode(() => run(aggregate(positive, {}, sum), [wide]))).toBe("overflow");
    const unsigned = { s: call("sum", hugeint, [col(t, "u")]), m: call("max", uint64, [col(t, "u")]) };
    expect(run(aggregate(t, {}, unsigned), [wide])).toEqual([[2n ** 64n, 2n ** 64n - 1n]]);
  });

  it("adds numbers at the ends of 64 and 128 bits exactly, in any order", () => {
    const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
    const huge = 10n ** 37n;
    const l = [most, most, most, 1n, least, least, most, -1n, least, least, least, least, 0n, 5n, null];
    const d = [
      huge,
      -huge,
      most,
      most,
      -huge,
      huge,
      2n ** 64n,
      -(2n ** 64n),
      least,
      least,
      1n,
      -1n,
      10n ** 19n,
      0n,
      null,
    ];
    const u = [...Array<bigint>(9).fill(2n ** 64n - 1n), 2n ** 63n, 2n ** 63n - 1n, 1n, 0n, 3n, null];
    const ends = testTable("ends", {
      l: [int64, l],
      d: [decimal(38, 0), d],
      u: [uint64, u],
      g: [int32, l.map((_, i) => (i * 5) % 4)],
    });
    const total = (values: readonly (bigint | null)[]): bigint =>
      values.reduce<bigint>((sum, v) => sum + (v ?? 0n), 0n);
    const t = scan(ends);
    const sums = {
      l: call("sum", hugeint, [col(t, "l")]),
      d: call("sum", decimal(38, 0), [col(t, "d")]),
      u: call("sum", hugeint, [col(t, "u")]),
    };
    expect(run(aggregate(t, {}, sums), [ends])).toEqual([[total(l), total(d), total(u)]]);
    const groups = [0, 1, 2, 3].map((g) => [
      g,
      ...[l, d, u].map((values) => total(values.filter((_, i) => (i * 5) % 4 === g))),
    ]);
    expect(sorted(run(aggregate(t, { g: col(t, "g") }, sums), [ends]))).toEqual(sorted(groups));
  });

  it("raises overflow where a sum leaves 128 bits by a small step and would come back", () => {
    const most = 2n ** 127n - 1n;
    const huge = 10n ** 38n - 1n;
    const steps = [huge, most - huge - 3n, 1n, 1n, 1n, 1n, huge, -huge, -huge];
    for (const sign of [1n, -1n]) {
      const edge = testTable("edge", { d: [decimal(38, 0), steps.map((step) => sign * step)] });
      const t = scan(edge);
      const sum = { s: call("sum", decimal(38, 0), [col(t, "d")]) };
      expect(errorCode(() => runPlan(aggregate(t, {}, sum), [edge]))).toBe("overflow");
      expect(errorCode(() => run(aggregate(t, {}, sum), [edge]))).toMatch(/overflow|none/);
    }
  });

  it("compares intervals by length and groups them so", () => {
    const month = { months: 1, days: 0, micros: 0n };
    const days = { months: 0, days: 30, micros: 0n };
    const year = { months: 12, days: 0, micros: 0n };
    const spans = testTable("spans", { v: [interval, [days, month, year, null]] });
    const t = scan(spans);
    const most = { m: call("max", interval, [col(t, "v")]), n: call("countStar", int64, []) };
    expect(run(aggregate(t, {}, most), [spans])).toEqual([[year, 4n]]);
    expect(run(aggregate(t, { v: col(t, "v") }, {}), [spans])).toHaveLength(3);
  });

  it("takes several pipelines as input", () => {
    const plan = aggregate(unionAll(scan(mixed), scan(mixed)), {}, { n: call("countStar", int64, []) });
    expect(run(plan)).toEqual([[16n]]);
    const grouped = unionAll(scan(mixed), scan(mixed));
    expect(sorted(run(aggregate(grouped, { g: col(grouped, "g") }, { n: call("countStar", int64, []) })))).toEqual(
      sorted([
        ["a", 6n],
        ["b", 4n],
        ["c", 2n],
        [null, 4n],
      ]),
    );
  });

  it("aggregates constant rows", () => {
    const input = values([["v", int64, false]], [[1n], [2n], [2n]]);
    expect(sorted(run(aggregate(input, { v: col(input, "v") }, { n: call("countStar", int64, []) })))).toEqual(
      sorted([
        [1n, 1n],
        [2n, 2n],
      ]),
    );
  });
});

describe.each([1, 3])("many groups on %i threads", (threads) => {
  const rows = 200_000;
  const keys = Array.from({ length: rows }, (_, i) => BigInt((i * 7919) % 60_000));
  const names = keys.map((key) => `name of ${key}`);
  const many = testTable("many", {
    k: [int64, keys],
    s: [varchar, names],
    v: [int32, keys.map((_, i) => i)],
  });
  const cases: [string, (plan: PhysicalPlan) => Record<string, ReturnType<typeof col>>][] = [
    ["an integer", (t) => ({ k: col(t, "k") })],
    ["a string", (t) => ({ s: col(t, "s") })],
    ["both", (t) => ({ k: col(t, "k"), s: col(t, "s") })],
  ];
  it.each(cases)("by %s", (_name, groups) => {
    const t = scan(many);
    const plan = aggregate(t, groups(t), {
      n: call("count", int64, [col(t, "v")]),
      sum: call("sum", hugeint, [col(t, "v")]),
      longest: call("max", varchar, [col(t, "s")]),
    });
    const expected = new Map<bigint, { n: bigint; sum: bigint }>();
    keys.forEach((key, i) => {
      const group = expected.get(key) ?? { n: 0n, sum: 0n };
      expected.set(key, { n: group.n + 1n, sum: group.sum + BigInt(i) });
    });
    const result = runPlan(plan, [many], { threads }).rows;
    expect(result).toHaveLength(expected.size);
    for (const row of result) {
      const [n, sum, longest] = row.slice(-3) as [bigint, bigint, string];
      const key = BigInt(longest.slice("name of ".length));
      if (expected.get(key)?.n !== n || expected.get(key)?.sum !== sum) expect(row).toEqual(expected.get(key));
    }
  });
});

describe.each([1, 2, 5])("many collected values on %i threads", (threads) => {
  it("keeps every value of every group", () => {
    const rows = 100_000;
    const xs = Array.from({ length: rows }, (_, i) => ((i * 7919) % 30_011) / 7);
    const table = testTable("collected", { x: [double, xs], g: [varchar, xs.map((_, i) => `group ${i % 3}`)] });
    const t = scan(table);
    const plan = aggregate(
      t,
      { g: col(t, "g") },
      { m: call("median", double, [col(t, "x")]), n: call("count", int64, [col(t, "x")]) },
    );
    const expected = [0, 1, 2].map((g) => {
      const list = xs.filter((_, i) => i % 3 === g).sort((a, b) => a - b);
      const [low, high] = [list[(list.length - 1) >> 1]!, list[list.length >> 1]!];
      return [`group ${g}`, low + (high - low) * 0.5, BigInt(list.length)];
    });
    expect(sorted(runPlan(plan, [table], { threads }).rows)).toEqual(sorted(expected));
  });
});
