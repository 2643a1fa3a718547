import { outputColumns, type PhysicalPlan, QueryError } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { optimize } from "../../planner/src/optimize.ts";
import { toPhysical } from "../../planner/src/physical/to-physical.ts";
import { type Random, random, randomData, randomPlan } from "../../planner/test/random-plan.ts";
import { asText, type Data } from "../../planner/test/run-logical.ts";
import { runPhysical } from "../../planner/test/run-physical.ts";
import { cut } from "../src/cut/cut.ts";
import { mapScans } from "../src/cut/map-scans.ts";
import { runFragments } from "./run-fragments.ts";

const SEEDS = Number(process.env.CUT_SEEDS ?? 800);
const FIRST_SEED = Number(process.env.CUT_SEED ?? 1);

/** Tables that lie in files, of which estimates say that any way of joining may be best. */
const inFiles = (plan: PhysicalPlan, rng: Random): PhysicalPlan => {
  const scaled = mapScans(plan, (scan) => ({
    ...scan,
    table: {
      ...scan.table,
      source: rng.chance(0.9) ? { kind: "parquet", files: [] } : { kind: "memory", tableId: 1 },
    },
  }));
  const scale = (node: PhysicalPlan): PhysicalPlan => {
    const estimatedRows = rng.pick([1, 1000, 1e6, 1e8]);
    switch (node.kind) {
      case "scan":
      case "values":
      case "cteScan":
        return { ...node, estimatedRows };
      case "hashJoin":
        return { ...node, estimatedRows, build: scale(node.build), probe: scale(node.probe) };
      case "unionAll":
        return { ...node, estimatedRows, inputs: node.inputs.map(scale) };
      case "with":
        return { ...node, estimatedRows, definition: scale(node.definition), body: scale(node.body) };
      default:
        return { ...node, estimatedRows, input: scale(node.input) };
    }
  };
  return scale(scaled);
};

const exchanges = new Map<string, number>();

const faultOf = (seed: number): string | undefined => {
  const rng = random(seed);
  const { plan, builder } = randomPlan(rng, 1 + rng.below(4));
  const datasets: Data[] = [randomData(rng), randomData(rng)];
  const optimized = (() => {
    try {
      return optimize(plan, builder.ids);
    } catch (error) {
      if (error instanceof QueryError) return undefined;
      throw error;
    }
  })();
  if (optimized === undefined) return undefined;
  const physical = inFiles(toPhysical(optimized.plan, optimized.context.estimator), rng);
  const cutUp = cut(physical, { nodeCount: 1 + rng.below(4) });
  for (const { output, runs } of cutUp.fragments) {
    const kind = `${runs.kind} → ${output.kind}`;
    exchanges.set(kind, (exchanges.get(kind) ?? 0) + 1);
  }
  for (const data of datasets) {
    const outcome = (run: () => ReturnType<typeof runPhysical>): string => {
      try {
        return JSON.stringify(asText({ columns: outputColumns(plan) }, run()));
      } catch (error) {
        return String(error);
      }
    };
    // A query whose answer depends on the order of rows has several right ones.
    const empty = Object.fromEntries(Object.keys(data).map((name) => [name, []]));
    for (const rows of [data, empty]) {
      const expected = outcome(() => runPhysical(physical, rows));
      const chosen = new Set<string>([expected]);
      for (let i = 0; i < 3; i++) chosen.add(outcome(() => runPhysical(physical, reordered(rows, rng))));
      if (chosen.size > 1) continue;
      const got = outcome(() => runFragments(cutUp, rows, rows === empty ? noTasks(rng) : someTasks(rng)));
      if (got !== expected) return `seed ${seed}: ${got} instead of ${expected}`;
    }
  }
  return undefined;
};

const reordered = (data: Data, rng: Random): Data =>
  Object.fromEntries(
    Object.entries(data).map(([name, rows]) => [
      name,
      rows
        .map((row) => ({ row, place: rng.below(99999) }))
        .sort((a, b) => a.place - b.place)
        .map(({ row }) => row),
    ]),
  );

/** Every number of tasks, save that rows need one. */
const someTasks = (rng: Random): Random => ({
  ...rng,
  below: (limit) => (limit === 4 ? 1 + rng.below(3) : rng.below(limit)),
});
const noTasks = (rng: Random): Random => rng;

describe("cut plans", () => {
  test(`answer as the whole plan does, on rows scattered at random (${SEEDS} plans)`, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) expect(faultOf(seed)).toBeUndefined();
    // Every kind of exchange was among them.
    expect([...exchanges.keys()].sort()).toEqual([
      "coordinator → broadcast",
      "coordinator → hash",
      "coordinator → result",
      "partitions → broadcast",
      "partitions → gather",
      "partitions → hash",
      "splits → broadcast",
      "splits → gather",
      "splits → hash",
    ]);
  });
});
