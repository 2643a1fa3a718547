import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type PhysicalPlan, physicalInputs } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { printPhysicalPlan } from "../src/print/print-physical.ts";
import { emptyTpchTables, planTpch, tpchQuery } from "./tpch-catalog.ts";

/**
 * The physical plans of the 22 queries on statistics of scale factor 1. A change of the optimizer is reviewed by the
 * difference it makes here: UPDATE_GOLDEN=1 rewrites the files.
 */
describe("TPC-H plans", () => {
  for (let query = 1; query <= 22; query++) {
    const name = `q${String(query).padStart(2, "0")}`;
    test(name, () => {
      const file = new URL(`../golden/${name}.txt`, import.meta.url);
      const plan = `${printPhysicalPlan(planTpch(tpchQuery(query)).physical)}\n`;
      if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, plan);
      expect(existsSync(file), "no golden plan yet: run with UPDATE_GOLDEN=1").toBe(true);
      expect(plan).toBe(readFileSync(file, "utf8"));
    });
  }

  test("tables without rows have estimates that are numbers", () => {
    const sizes = (plan: PhysicalPlan): number[] => [plan.estimatedRows, ...physicalInputs(plan).flatMap(sizes)];
    const countsOfCounts = "SELECT n, count(*) FROM (SELECT count(*) AS n FROM nation GROUP BY n_regionkey) GROUP BY n";
    for (const sql of [...Array.from({ length: 22 }, (_, i) => tpchQuery(i + 1)), countsOfCounts]) {
      const all = sizes(planTpch(sql, emptyTpchTables).physical);
      expect(all.filter((rows) => !(rows >= 0 && rows < 1e6))).toEqual([]);
    }
  });

  test("no plan multiplies tables without a predicate, save for single rows", () => {
    for (let query = 1; query <= 22; query++) {
      const text = printPhysicalPlan(planTpch(tpchQuery(query)).physical);
      const joins = text.split("\n").filter((line) => /hashJoin inner ->/.test(line));
      // Two nations (7), and scalar subqueries (11, 22).
      expect(joins.length, `q${query}`).toBeLessThanOrEqual([7, 11, 22].includes(query) ? 1 : 0);
    }
  });
});
