import { describe, expect, test } from "vitest";
import { foldConstants } from "../../src/rules/fold-constants.ts";
import { propagateEmpty } from "../../src/rules/propagate-empty.ts";
import { after, untouched } from "./after-rules.ts";

describe("propagate-empty", () => {
  test("what is never TRUE makes nothing", () => {
    expect(
      after(
        "SELECT b.id, m.n FROM big b LEFT JOIN (SELECT * FROM mid WHERE 1 = 2) m ON b.mid_id = m.mid_id",
        foldConstants,
        propagateEmpty,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0, n#1
        project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, mid_id#8 = NULL, small_id#9 = NULL, n#1 = NULL, name#10 = NULL
          scan big as b (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
      "
    `);
    expect(
      after("SELECT n, count(*) FROM big WHERE NULL GROUP BY n", foldConstants, propagateEmpty),
    ).toMatchInlineSnapshot(`
      "
      values (n#0, "count_star()"#1)
      "
    `);
  });
  test("an ungrouped aggregation has its row nonetheless; NOT IN of nothing is TRUE", () => {
    expect(after("SELECT count(*) FROM big WHERE 1 = 2", foldConstants, propagateEmpty)).toMatchInlineSnapshot(`
      "
      project "count(*)"#0
        aggregate
          · "count(*)"#0 = count(*)
          values (id#1, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
      "
    `);
    expect(
      after("SELECT id FROM big WHERE n NOT IN (SELECT n FROM mid WHERE 1 = 2)", foldConstants, propagateEmpty),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter NOT in#1
          project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, in#1 = FALSE
            scan big (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
      "
    `);
  });
  test("not where rows may come", () => {
    untouched("SELECT id FROM big WHERE n = 1", foldConstants, propagateEmpty);
  });
});
