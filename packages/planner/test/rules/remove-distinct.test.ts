import { describe, expect, test } from "vitest";
import { marksToSemiJoins } from "../../src/rules/marks-to-semi-joins.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { removeDistinct } from "../../src/rules/remove-distinct.ts";
import { after, untouched } from "./after-rules.ts";

describe("remove-distinct", () => {
  test("over groups, and on the right of a semi join", () => {
    expect(after("SELECT DISTINCT n, count(*) FROM big GROUP BY n", removeDistinct)).toMatchInlineSnapshot(`
      "
      project n#0, "count_star()"#1
        project n#0, "count(*)"#1
          aggregate by n#0
            · "count(*)"#1 = count(*)
            scan big (id#2, mid_id#3, small_id#4, n#0, price#5, day#6, tag#7)
      "
    `);
    expect(
      after(
        "SELECT id FROM big WHERE n IN (SELECT DISTINCT n FROM mid)",
        pushFilters,
        marksToSemiJoins,
        removeDistinct,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on n#1 = n#2
          scan big (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
          project n#2
            project n#2
              scan mid (mid_id#8, small_id#9, n#2, name#10)
      "
    `);
  });
  test("not where duplicates may be, nor where they count", () => {
    untouched("SELECT DISTINCT count(*) FROM big GROUP BY n", removeDistinct);
    untouched("SELECT b.id FROM big b JOIN (SELECT DISTINCT n FROM mid) m ON b.n = m.n", removeDistinct);
  });
});
