import { describe, expect, test } from "vitest";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { after, untouched } from "./after-rules.ts";

describe("push-filters", () => {
  test("a comma join's predicates become scan filters and the join's condition", () => {
    expect(
      after("SELECT b.id FROM big b, mid m WHERE b.mid_id = m.mid_id AND b.n > 3 AND m.name = 'x'", pushFilters),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join inner on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1, small_id#4, n#3, price#5, day#6, tag#7)
            · filter n#3 > 3
          scan mid as m (mid_id#2, small_id#9, n#10, name#8)
            · filter name#8 = 'x'
      "
    `);
  });
  test("through a projection, onto group keys, but not onto aggregates", () => {
    expect(
      after("SELECT * FROM (SELECT n + 1 AS k, count(*) AS c FROM big GROUP BY n) WHERE k = 3 AND c > 5", pushFilters),
    ).toMatchInlineSnapshot(`
      "
      project k#0, c#1
        project k#0 = n#2 + 1, "count(*)"#1
          filter "count(*)"#1 > 5
            aggregate by n#2
              · "count(*)"#1 = count(*)
              scan big (id#3, mid_id#4, small_id#5, n#2, price#6, day#7, tag#8)
                · filter n#2 + 1 = 3
      "
    `);
  });
  test("into both sides of a set operation", () => {
    expect(
      after("SELECT * FROM (SELECT n FROM big UNION ALL SELECT n FROM mid) WHERE n = 3", pushFilters),
    ).toMatchInlineSnapshot(`
      "
      project n#0
        setOperation union all (n#0)
          project n#1
            scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
              · filter n#1 = 3
          project n#8
            scan mid (mid_id#9, small_id#10, n#8, name#11)
              · filter n#8 = 3
      "
    `);
  });
  test("not into the padded side of an outer join, nor from ON into the preserved one", () => {
    expect(
      after(
        "SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id AND b.n = 1 AND m.n = 2 WHERE m.name IS NULL AND b.tag = 'x'",
        pushFilters,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter name#1 IS NULL
          join left on mid_id#2 = mid_id#3 AND n#4 = 1
            scan big as b (id#0, mid_id#2, small_id#6, n#4, price#7, day#8, tag#5)
              · filter tag#5 = 'x'
            scan mid as m (mid_id#3, small_id#10, n#9, name#1)
              · filter n#9 = 2
      "
    `);
  });
  test("not below an ungrouped aggregation, nor below LIMIT", () => {
    untouched("SELECT * FROM (SELECT count(*) AS c FROM big) WHERE 1 = 2", pushFilters, pushFilters);
    untouched("SELECT id FROM (SELECT id, n FROM big ORDER BY id LIMIT 3) WHERE n = 1", pushFilters, pushFilters);
  });
});
