import { outputColumns, type PhysicalPlan, QueryError } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { optimize } from "../../planner/src/optimize.ts";
import { toPhysical } from "../../planner/src/physical/to-physical.ts";
import { type Random, random, randomData, randomPlan } from "../../planner/test/random-plan.ts";
import { asText, type Data } from "../../planner/test/run-logical.ts";
import { runPhysical } from "../../planner/test/run-physical.ts";
import { cut } from "../src/cut/cut.ts";
import { inlineDefinitions } from "../src/cut/inline-definitions.ts";
import type { Locality } from "../src/cut/locality.ts";
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
      case "series":
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

/** Tables that every node has, splits that meet: whatever is claimed, the interpreter scatters rows that way. */
const someLocality = (rng: Random): Locality => {
  const [everywhere, meeting] = [rng.pick([0, 0.5, 1]), rng.pick([0, 0.5, 1])];
  return {
    everywhereBytes: () => (rng.chance(everywhere) ? rng.pick([1, 1e6]) : undefined),
    meets: () => rng.chance(meeting),
  };
};

const exchanges = new Map<string, number>();
const count = (kind: string): void => {
  exchanges.set(kind, (exchanges.get(kind) ?? 0) + 1);
};

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
  const shared = inFiles(toPhysical(optimized.plan, optimized.context.estimator), rng);
  const physical = rng.chance(0.5) ? inlineDefinitions(shared) : shared;
  if (physical !== shared) count("definitions written out");
  const nodeCount = 1 + rng.below(4);
  const cutUp = cut(physical, { nodeCount, ...(rng.chance(0.5) && { locality: someLocality(rng) }) });
  const read = cutUp.fragments.flatMap(({ inputs }) => inputs.map(({ from }) => from));
  if (new Set(read).size < read.length) count("definitions read by several");
  for (const { output, runs, keyInputs } of cutUp.fragments) {
    count(`${runs.kind} → ${output.kind}`);
    if (keyInputs !== undefined) count("keys looked up");
    if (runs.kind !== "splits") continue;
    if (runs.copies !== undefined) count("copies");
    if (runs.by !== undefined) count(runs.by.length > 1 ? "splits that meet" : "splits apart");
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
      const expected = outcome(() => runPhysical(shared, rows));
      const chosen = new Set<string>([expected]);
      for (let i = 0; i < 3; i++) chosen.add(outcome(() => runPhysical(shared, reordered(rows, rng))));
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
      "copies",
      "definitions read by several",
      "definitions written out",
      "keys looked up",
      "partitions → broadcast",
      "partitions → gather",
      "partitions → hash",
      "splits apart",
      "splits that meet",
      "splits → broadcast",
      "splits → gather",
      "splits → hash",
    ]);
  });
});
