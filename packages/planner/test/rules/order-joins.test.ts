import { describe, expect, test } from "vitest";
import { marksToSemiJoins } from "../../src/rules/marks-to-semi-joins.ts";
import { orderJoins } from "../../src/rules/order-joins.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { applyRules } from "../plan-sql.ts";
import { after, untouched } from "./after-rules.ts";

describe("order-joins", () => {
  test("small and filtered tables first, whatever the query's order", () => {
    expect(
      after(
        "SELECT b.id FROM big b, mid m, small s WHERE b.mid_id = m.mid_id AND m.small_id = s.small_id AND s.name = 'x'",
        pushFilters,
        orderJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
          join inner on small_id#8 = small_id#9
            scan mid as m (mid_id#2, small_id#8, n#10, name#11)
            scan small as s (small_id#9, n#13, name#12)
              · filter name#12 = 'x'
      "
    `);
  });
  test("two tables that only a third connects are not multiplied", () => {
    const { text } = applyRules(
      "SELECT b.id FROM small s, mid m, big b WHERE b.mid_id = m.mid_id AND b.small_id = s.small_id",
      pushFilters,
      orderJoins,
    );
    expect(text).not.toMatch(/join inner$/m);
  });
  test("a semi join goes where it drops most", () => {
    expect(
      after(
        "SELECT b.id FROM big b JOIN mid m ON b.mid_id = m.mid_id JOIN small s ON m.small_id = s.small_id WHERE b.n IN (SELECT small_id FROM small WHERE name = 'y')",
        pushFilters,
        marksToSemiJoins,
        orderJoins,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          join semi on n#3 = small_id#4
            scan big as b (id#0, mid_id#1, small_id#5, n#3, price#6, day#7, tag#8)
            project small_id#4
              scan small (small_id#4, n#10, name#9)
                · filter name#9 = 'y'
          join inner on small_id#11 = small_id#12
            scan mid as m (mid_id#2, small_id#11, n#13, name#14)
            scan small as s (small_id#12, n#15, name#16)
      "
    `);
  });
  test("not two leaves, which leave no choice", () => {
    untouched("SELECT b.id FROM big b JOIN mid m ON b.mid_id = m.mid_id", pushFilters, orderJoins);
  });
});
