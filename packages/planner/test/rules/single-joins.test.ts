import { describe, expect, test } from "vitest";
import { singleJoins } from "../../src/rules/single-joins.ts";
import { unnestSubqueries } from "../../src/rules/unnest-subqueries.ts";
import { after, untouched } from "./after-rules.ts";

describe("single-joins", () => {
  test("a scalar subquery of one row is cross joined", () => {
    expect(after("SELECT id, (SELECT max(n) FROM mid) FROM big", singleJoins)).toMatchInlineSnapshot(`
      "
      project id#0, "max(n)"#1
        join inner
          scan big (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
          project "max(n)"#1
            aggregate
              · "max(n)"#1 = max(n#8)
              scan mid (mid_id#9, small_id#10, n#8, name#11)
      "
    `);
  });
  test("a correlated aggregate, grouped by unnesting, is left joined", () => {
    expect(
      after("SELECT id, (SELECT max(n) FROM mid m WHERE m.mid_id = b.mid_id) FROM big b", unnestSubqueries),
    ).toMatchInlineSnapshot(`
      "
      project id#0, "max(n)"#1
        project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "max(n)"#1
          project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "max(n)"#1 = "max(n)"#8
            join left on mid_id#9 = mid_id#2
              scan big as b (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
              aggregate by mid_id#9
                · "max(n)"#8 = max(n#10)
                scan mid as m (mid_id#9, small_id#11, n#10, name#12)
      "
    `);
  });
  test("not where two rows may come", () => {
    untouched("SELECT id, (SELECT n FROM mid) FROM big", singleJoins);
    untouched("SELECT id, (SELECT n FROM mid m WHERE m.mid_id = b.mid_id) FROM big b", unnestSubqueries, singleJoins);
  });
});
