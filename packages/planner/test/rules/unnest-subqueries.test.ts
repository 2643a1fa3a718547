import { describe, expect, test } from "vitest";
import { marksToSemiJoins } from "../../src/rules/marks-to-semi-joins.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { unnestSubqueries } from "../../src/rules/unnest-subqueries.ts";
import { applyRules } from "../plan-sql.ts";
import { after, untouched } from "./after-rules.ts";

describe("unnest-subqueries", () => {
  const unnested = (sql: string): string => after(sql, pushFilters, marksToSemiJoins, unnestSubqueries);
  test("an equality needs no domain: groups and a left join", () => {
    expect(
      unnested("SELECT id FROM big b WHERE n > (SELECT avg(n) FROM mid m WHERE m.mid_id = b.mid_id)"),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter CAST(n#1 AS DOUBLE) > "avg(n)"#2
          project id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7, "avg(n)"#2
            project id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7, "avg(n)"#2 = "avg(n)"#8
              join left on mid_id#9 = mid_id#3
                scan big as b (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
                aggregate by mid_id#9
                  · "avg(n)"#8 = avg(n#10)
                  scan mid as m (mid_id#9, small_id#11, n#10, name#12)
      "
    `);
  });
  test("counts of no rows are zero", () => {
    expect(
      unnested("SELECT id, (SELECT count(*) FROM mid m WHERE m.mid_id = b.mid_id) FROM big b"),
    ).toMatchInlineSnapshot(`
      "
      project id#0, "count_star()"#1
        project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "count(*)"#1
          project id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7, "count(*)"#1 = CASE WHEN "count(*)"#8 IS NULL THEN 0 ELSE "count(*)"#8 END
            join left on mid_id#9 = mid_id#2
              scan big as b (id#0, mid_id#2, small_id#3, n#4, price#5, day#6, tag#7)
              aggregate by mid_id#9
                · "count(*)"#8 = count(*)
                scan mid as m (mid_id#9, small_id#10, n#11, name#12)
      "
    `);
  });
  test("an inequality below an aggregate needs the domain", () => {
    expect(
      unnested("SELECT small_id, (SELECT count(*) FROM mid m WHERE m.mid_id < s.n) FROM small s"),
    ).toMatchInlineSnapshot(`
      "
      project small_id#0, "count_star()"#1
        project small_id#0, n#2, name#3, "count(*)"#1
          project small_id#0, n#2, name#3, "count(*)"#1 = CASE WHEN "count(*)"#4 IS NULL THEN 0 ELSE "count(*)"#4 END
            join left on n#2 IS NOT DISTINCT FROM n#5
              scan small as s (small_id#0, n#2, name#3)
              aggregate by n#5
                · "count(*)"#4 = count(*)
                join inner on mid_id#6 < n#5
                  aggregate by n#5
                    scan small as s (small_id#7, n#5, name#8)
                  scan mid as m (mid_id#6, small_id#9, n#10, name#11)
      "
    `);
  });
  test("EXISTS with any predicate is a semi join", () => {
    expect(
      unnested("SELECT id FROM big b WHERE EXISTS (FROM mid m WHERE m.mid_id = b.mid_id AND m.n <> b.n)"),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on mid_id#1 = mid_id#2 AND n#3 <> n#4
          scan big as b (id#0, mid_id#2, small_id#5, n#4, price#6, day#7, tag#8)
          scan mid as m (mid_id#1, small_id#9, n#3, name#10)
      "
    `);
  });
  test("correlation two levels deep", () => {
    expect(
      unnested(
        "SELECT id FROM big b WHERE EXISTS (FROM mid m WHERE m.mid_id = b.mid_id AND m.n > (SELECT max(s.n) FROM small s WHERE s.small_id = m.small_id AND s.n < b.n))",
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        join semi on mid_id#1 = mid_id#2 AND n#3 IS NOT DISTINCT FROM n#4
          scan big as b (id#0, mid_id#1, small_id#5, n#3, price#6, day#7, tag#8)
          filter n#9 > "max(s.n)"#10
            project mid_id#2, n#4, mid_id#11, small_id#12, n#9, name#13, "max(s.n)"#10
              with outer#0
                join inner on mid_id#14 = mid_id#15
                  aggregate by mid_id#15, n#16
                    scan big as b (id#17, mid_id#15, small_id#18, n#16, price#19, day#20, tag#21)
                  scan mid as m (mid_id#14, small_id#22, n#23, name#24)
                project mid_id#2, n#4, mid_id#11, small_id#12, n#9, name#13, "max(s.n)"#10 = "max(s.n)"#25
                  join left on n#4 IS NOT DISTINCT FROM n#26 AND small_id#12 = small_id#27
                    cteScan outer#0 (mid_id#2 = #15, n#4 = #16, mid_id#11 = #14, small_id#12 = #22, n#9 = #23, name#13 = #24)
                    aggregate by n#26, small_id#27
                      · "max(s.n)"#25 = max(n#28)
                      join inner on small_id#29 = small_id#27 AND n#28 < n#26
                        aggregate by n#26, small_id#27
                          cteScan outer#0 (n#26 = #16, small_id#27 = #22)
                        scan small as s (small_id#29, n#28, name#30)
      "
    `);
  });
  test("a mark whose NULLs count keeps them", () => {
    expect(unnested("SELECT id, n IN (SELECT n FROM mid m WHERE m.n = b.n) FROM big b")).toMatchInlineSnapshot(`
      "
      project id#0, in#1
        join mark in#1 on n#2 = n#3 AND n#2 IS NOT DISTINCT FROM n#3
          scan big as b (id#0, mid_id#4, small_id#5, n#2, price#6, day#7, tag#8)
          filter n#3 IS NOT NULL
            scan mid as m (mid_id#9, small_id#10, n#3, name#11)
      "
    `);
  });
  test("LIMIT 1 takes the first row per binding; other limits are refused", () => {
    expect(
      unnested("SELECT id, (SELECT name FROM mid m WHERE m.mid_id = b.mid_id ORDER BY n DESC LIMIT 1) FROM big b"),
    ).toMatchInlineSnapshot(`
      "
      project id#0, name#1
        join single on mid_id#2 = mid_id#3
          scan big as b (id#0, mid_id#3, small_id#4, n#5, price#6, day#7, tag#8)
          project name#1, mid_id#2
            project mid_id#2, name#1 = name#9, order#10 = order#11
              aggregate by mid_id#2 = mid_id#12
                · name#9 = first(name#1 ORDER BY order#10 DESC NULLS LAST, name#1 NULLS LAST, order#10 NULLS LAST)
                · order#11 = first(order#10 ORDER BY order#10 DESC NULLS LAST, name#1 NULLS LAST, order#10 NULLS LAST)
                project name#1, n#10, mid_id#12
                  scan mid as m (mid_id#12, small_id#13, n#10, name#1)
      "
    `);
    expect(() =>
      applyRules(
        "SELECT * FROM small s, LATERAL (SELECT * FROM mid m WHERE m.small_id = s.small_id LIMIT 2)",
        unnestSubqueries,
      ),
    ).toThrow("LIMIT 1 alone");
  });
  test("not an uncorrelated subquery", () => {
    untouched("SELECT id, (SELECT max(n) FROM mid) FROM big", unnestSubqueries);
  });
});
