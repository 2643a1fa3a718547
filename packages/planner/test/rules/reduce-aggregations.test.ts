import { describe, expect, test } from "vitest";
import { mergeProjections } from "../../src/rules/merge-projections.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { reduceAggregations } from "../../src/rules/reduce-aggregations.ts";
import { after, untouched } from "./after-rules.ts";

describe("reduce-aggregations", () => {
  const sql = (where: string): string =>
    `SELECT m.name FROM mid m JOIN (SELECT mid_id, sum(n) AS s FROM big GROUP BY mid_id) g ON g.mid_id = m.mid_id WHERE ${where}`;
  test("only the groups a filtered table asks for are made", () => {
    expect(
      after(sql("m.mid_id = 7 AND m.n = 3"), pushFilters, mergeProjections, reduceAggregations),
    ).toMatchInlineSnapshot(`
      "
      project name#0
        join inner on mid_id#1 = mid_id#2
          scan mid as m (mid_id#2, small_id#4, n#3, name#0)
            · filter mid_id#2 = 7
            · filter n#3 = 3
          aggregate by mid_id#1
            · "sum(n)"#5 = sum(n#6)
            join semi on mid_id#1 = mid_id#7
              scan big (id#8, mid_id#1, small_id#9, n#6, price#10, day#11, tag#12)
              scan mid as m (mid_id#7, small_id#14, n#13, name#15)
                · filter mid_id#7 = 7
                · filter n#13 = 3
      "
    `);
  });
  test("not where the table's filter keeps most", () => {
    untouched(sql("m.mid_id > 7"), pushFilters, mergeProjections, reduceAggregations);
  });
  test("not by a condition that rows survive without", () => {
    untouched(
      `SELECT m.name FROM (SELECT mid_id, sum(n) AS s FROM big GROUP BY mid_id) g LEFT JOIN mid m ON g.mid_id = m.mid_id AND m.n = 3`,
      pushFilters,
      mergeProjections,
      reduceAggregations,
    );
  });
});
