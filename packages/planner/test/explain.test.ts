import { describe, expect, test } from "vitest";
import { explainText, planQuery } from "../src/plan-query.ts";
import { bindSql } from "./plan-sql.ts";

const explain = (sql: string, verbose = false): string => {
  const { plan, names, ids } = bindSql(sql);
  return `\n${explainText(planQuery(plan, names, ids).trace, verbose)}\n`;
};

describe("EXPLAIN", () => {
  test("shows the bound plan, the rules that changed it, and the physical plan", () => {
    expect(explain("SELECT name FROM mid WHERE small_id = 1 + 1")).toMatchInlineSnapshot(`
      "
      logical plan:
        project name#0
          filter small_id#1 = 1 + 1
            scan mid (mid_id#2, small_id#1, n#3, name#0)

      rules: fold-constants, push-filters, prune-columns

      physical plan:
        scan mid (name#0) reading (small_id#1) ~100
          · filter small_id#1 = 2
      "
    `);
  });
  test("verbosely, the plan after each rule", () => {
    const text = explain("SELECT name FROM mid WHERE small_id = 1 + 1", true);
    expect([...text.matchAll(/^after (.*):$/gm)].map(([, rule]) => rule)).toMatchInlineSnapshot(`
      [
        "fold-constants",
        "push-filters",
        "prune-columns",
      ]
    `);
  });
  test("names of the result are the query's", () => {
    const { plan, names, ids } = bindSql("SELECT name AS x, name AS x FROM mid");
    const planned = planQuery(plan, names, ids);
    expect(planned.names).toEqual(["x", "x"]);
    expect(planned.physical.columns).toHaveLength(2);
  });
});
