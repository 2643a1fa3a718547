import { describe, expect, test } from "vitest";
import { eagerAggregation } from "../../src/rules/eager-aggregation.ts";
import { mergeProjections } from "../../src/rules/merge-projections.ts";
import { pruneColumns } from "../../src/rules/prune-columns.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { after, untouched } from "./after-rules.ts";

describe("eager-aggregation", () => {
  const rules = [pushFilters, pruneColumns, mergeProjections, eagerAggregation];
  test("a fact table is grouped by its foreign key before the join", () => {
    expect(
      after("SELECT m.name, sum(b.n), count(*) FROM big b JOIN mid m ON b.mid_id = m.mid_id GROUP BY m.name", ...rules),
    ).toMatchInlineSnapshot(`
      "
      project group#0, "sum(b.n)"#1, "count(*)"#2 = CASE WHEN "count(*)"#3 IS NULL THEN 0 ELSE CAST("count(*)"#3 AS BIGINT) END
        aggregate by name#0
          · "sum(b.n)"#1 = sum("sum(b.n)"#4)
          · "count(*)"#3 = sum("count(*)"#5)
          join inner on mid_id#6 = mid_id#7
            aggregate by mid_id#6
              · "sum(b.n)"#4 = sum(n#8)
              · "count(*)"#5 = count(*)
              scan big as b (mid_id#6, n#8)
            scan mid as m (mid_id#7, name#0)
      "
    `);
  });
  test("under a left join, padded rows count as one for count(*) and zero for count(x)", () => {
    expect(
      after(
        "SELECT m.mid_id, count(*), count(b.n), max(b.day) FROM mid m LEFT JOIN big b ON b.mid_id = m.mid_id AND b.n > 1 GROUP BY m.mid_id",
        ...rules,
      ),
    ).toMatchInlineSnapshot(`
      "
      project group#0, "count(*)"#1 = CASE WHEN "count(*)"#2 IS NULL THEN 0 ELSE CAST("count(*)"#2 AS BIGINT) END, "count(b.n)"#3 = CASE WHEN "count(b.n)"#4 IS NULL THEN 0 ELSE CAST("count(b.n)"#4 AS BIGINT) END, "max(b.day)"#5
        aggregate by mid_id#0
          · "count(*)"#2 = sum(CASE WHEN "count(*)"#6 IS NULL THEN 1 ELSE "count(*)"#6 END)
          · "count(b.n)"#4 = sum("count(b.n)"#7)
          · "max(b.day)"#5 = max("max(b.day)"#8)
          join left on mid_id#9 = mid_id#0
            scan mid as m (mid_id#0)
            aggregate by mid_id#9
              · "count(*)"#6 = count(*)
              · "count(b.n)"#7 = count(n#10)
              · "max(b.day)"#8 = max(day#11)
              scan big as b (mid_id#9, n#10, day#11)
                · filter n#10 > 1
      "
    `);
  });
  test("not averages, not arguments of both sides, not NULLs that a padded row would not bring", () => {
    const from = "FROM big b JOIN mid m ON b.mid_id = m.mid_id GROUP BY m.name";
    untouched(`SELECT m.name, avg(b.n) ${from}`, ...rules);
    untouched(`SELECT m.name, sum(b.n + m.n) ${from}`, ...rules);
    untouched(`SELECT m.name, sum(b.n) ${from}, b.id`, ...rules);
    untouched(
      "SELECT m.mid_id, sum(coalesce(b.n, 1)) FROM mid m LEFT JOIN big b ON b.mid_id = m.mid_id GROUP BY m.mid_id",
      ...rules,
    );
  });
  test("not where the join drops most rows", () => {
    untouched(
      "SELECT m.name, sum(b.n) FROM big b JOIN mid m ON b.mid_id = m.mid_id WHERE m.mid_id < 100 GROUP BY m.name",
      ...rules,
    );
  });
});
