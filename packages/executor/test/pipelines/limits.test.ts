import { compare, constant, int64, type PhysicalPlan, varchar } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { OperatorOutOfMemory } from "../../src/run/error-record.ts";
import { aggregate, call, col, join, repeat, scan, sort, testTable, topN, values, withCte } from "./plan-builder.ts";
import { errorCode, runPlan } from "./run-plan.ts";

const rows = 60_000;
const many = testTable("many", {
  k: [int64, Array.from({ length: rows }, (_, i) => BigInt(rows - i))],
  s: [varchar, Array.from({ length: rows }, (_, i) => `a string of some length ${i}`)],
});
const t = scan(many);
const byString = [{ expression: col(t, "s"), descending: false, nullsFirst: false }];

const operatorOf = (run: () => unknown): number | string => {
  try {
    run();
  } catch (error) {
    return error instanceof OperatorOutOfMemory ? error.operatorId : String(error);
  }
  return "no error";
};

describe("the memory limit", () => {
  const probe = scan(many);
  const plans: Record<string, PhysicalPlan> = {
    "an aggregation": aggregate(t, { k: col(t, "k") }, { n: call("countStar", int64, []) }),
    "a collecting aggregate": aggregate(
      t,
      {},
      { all: call("stringAgg", varchar, [col(t, "s"), constant(varchar, "")]) },
    ),
    "a join": join("inner", t, probe, [{ build: col(t, "k"), probe: col(probe, "k"), nullSafe: false }]),
    "a sort": sort(t, byString),
    "a top-N of many rows": topN(t, byString, 40_000),
    "a CTE": withCte(t, (read) => read()),
  };
  it.each(Object.keys(plans))("is named by %s", (name) => {
    const plan = plans[name]!;
    expect(operatorOf(() => runPlan(plan, [many], { threads: 2, limitBytes: 3 << 18 }))).toBe(plan.operatorId);
    expect(operatorOf(() => runPlan(plan, [many], { threads: 2, limitBytes: 1 << 26 }))).toBe("no error");
  });
});

describe("cancelling", () => {
  const count = (plan: PhysicalPlan) => aggregate(plan, {}, { n: call("countStar", int64, []) });
  const other = scan(many);
  const one = values([["n", int64, false]], [[10n ** 15n]]);
  const plans: Record<string, PhysicalPlan> = {
    "a join without keys": count(
      join("inner", t, other, [], { residual: compare("lt", col(t, "k"), col(other, "k")) }),
    ),
    "an outer join without keys": count(
      join("probeOuter", t, other, [], { residual: compare("lt", col(t, "k"), col(other, "k")) }),
    ),
    "repeated rows": count(repeat(one, col(one, "n"))),
    "a sort": sort(t, byString),
  };
  it.each(Object.keys(plans))("stops %s in the middle of a batch", (name) => {
    expect(errorCode(() => runPlan(plans[name]!, [many], { cancelled: true }))).toBe("cancelled");
  });
});
