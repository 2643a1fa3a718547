import {
  compare,
  type Expression,
  int32,
  int64,
  type JoinKey,
  type PhysicalJoinKind,
  type PhysicalPlan,
  TRUE,
  type Value,
} from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { aggregate, call, col, join, scan, testTable } from "./plan-builder.ts";
import { runPlan } from "./run-plan.ts";

const keyOf = (build: PhysicalPlan, probe: PhysicalPlan, nullSafe = false): JoinKey => ({
  build: col(build, "k"),
  probe: col(probe, "k"),
  nullSafe,
});

/** Keys close together, for a table by rank, and far apart, for one by hash; each key occurs `i % 3 + 1` times. */
const spreads = [
  ["by rank", 3n],
  ["by hash", 10_000_019n],
] as const;
const keys = 5000;
const copies = (i: number) => (i % 3) + 1;

describe.each([1, 2, 4])("join tables on %i threads", (threads) => {
  describe.each(spreads)("%s", (_name, spread) => {
    const buildKeys: Value[] = [null, null];
    for (let i = 0; i < keys; i++)
      for (let copy = 0; copy < copies(i); copy++) buildKeys.push(BigInt(i - 2000) * spread);
    const build = testTable("build", { k: [int64, buildKeys, true], b: [int32, buildKeys.map((_, i) => i)] });
    // Half of the probe's keys lie beyond those of the build, and some between them.
    const probeKeys: Value[] = Array.from({ length: 20_000 }, (_, i) =>
      i % 11 === 0 ? null : BigInt(i - 2000 - 5000) * spread + (i % 2 === 0 ? 0n : 1n),
    );
    const probe = testTable("probe", { k: [int64, probeKeys, true], p: [int32, probeKeys.map((_, i) => i)] });
    const place = (i: number): number => i - 5000;
    const isMatch = (i: number) => i % 11 !== 0 && i % 2 === 0 && place(i) >= 0 && place(i) < keys;
    const matching = probeKeys.flatMap((_, i) => (isMatch(i) ? [i] : []));
    const matches = matching.reduce((sum, i) => sum + copies(place(i)), 0);
    const matchedRows = matches;

    const counts: [PhysicalJoinKind, number][] = [
      ["inner", matches],
      ["probeOuter", matches + probeKeys.length - matching.length],
      ["buildOuter", matches + buildKeys.length - matchedRows],
      ["full", matches + probeKeys.length - matching.length + buildKeys.length - matchedRows],
      ["probeSemi", matching.length],
      ["probeAnti", probeKeys.length - matching.length],
      ["buildSemi", matchedRows],
      ["buildAnti", buildKeys.length - matchedRows],
      ["mark", probeKeys.length],
    ];
    const count = (kind: PhysicalJoinKind, residual: (b: PhysicalPlan, p: PhysicalPlan) => Expression): bigint => {
      const [b, p] = [scan(build), scan(probe)];
      const options = { residual: residual(b, p), mark: { name: "m", nullable: true } };
      const plan = join(kind, b, p, [keyOf(b, p)], kind === "mark" ? options : { residual: options.residual });
      const total = aggregate(plan, {}, { n: call("countStar", int64, []) });
      return runPlan(total, [build, probe], { threads, batchRows: 1000 }).rows[0]![0] as bigint;
    };

    it.each(counts)("%s", (kind, rows) => {
      expect(count(kind, () => TRUE)).toBe(BigInt(rows));
    });

    it.each(counts.filter(([kind]) => kind !== "mark"))("%s with a residual that always holds", (kind, rows) => {
      expect(count(kind, (b, p) => compare("lt", col(b, "b"), compareLimit(p)))).toBe(BigInt(rows));
    });

    it("tells which keys are there, with NULL on either side", () => {
      const [b, p] = [scan(build), scan(probe)];
      const plan = join("mark", b, p, [keyOf(b, p)], { mark: { name: "m", nullable: true } });
      const { rows } = runPlan(plan, [build, probe], { threads, batchRows: 1000 });
      for (const row of rows) expect(row[2]).toBe(isMatch(row[1] as number) ? true : null);
    });
  });

  it("marks by a null-safe key without NULLs", () => {
    const build = testTable("build", { k: [int32, [5, 7, 7]] });
    const probe = testTable("probe", { k: [int32, [4, 5, 6, 7, 8]] });
    const [b, p] = [scan(build), scan(probe)];
    const plan = join("mark", b, p, [keyOf(b, p, true)], { mark: { name: "m", nullable: false } });
    const { rows } = runPlan(plan, [build, probe], { threads, batchRows: 2 });
    expect(rows.map(String).sort()).toEqual(["4,false", "5,true", "6,false", "7,true", "8,false"]);
  });
});

/** A column that is always greater than row numbers of the build side: the probe's row number plus many. */
const compareLimit = (probe: PhysicalPlan) => ({
  kind: "arithmetic" as const,
  op: "add" as const,
  left: col(probe, "p"),
  right: { kind: "constant" as const, type: int32, value: 1_000_000, nullable: false },
  type: int32,
  nullable: false,
});
