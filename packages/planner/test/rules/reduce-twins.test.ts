import { describe, expect, test } from "vitest";
import { mergeProjections } from "../../src/rules/merge-projections.ts";
import { pruneColumns } from "../../src/rules/prune-columns.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { reduceAggregations } from "../../src/rules/reduce-aggregations.ts";
import { reduceTwins } from "../../src/rules/reduce-twins.ts";
import { after, untouched } from "./after-rules.ts";

const rules = [pushFilters, pruneColumns, mergeProjections, reduceAggregations, reduceTwins];

/** Rows of big beside an aggregate of their group, for the groups of a filtered table. */
const sql = (join: string, where: string, inner = ""): string =>
  `SELECT b.id, g.s FROM big b ${join} JOIN (SELECT mid_id, sum(n) AS s FROM big ${inner} GROUP BY mid_id) g ON g.mid_id = m.mid_id WHERE ${where}`;

describe("reduce-twins", () => {
  test("the other reading of a reduced table is reduced as well", () => {
    expect(
      after(sql("JOIN mid m ON b.mid_id = m.mid_id", "m.mid_id = 7 AND m.n = 3"), ...rules),
    ).toMatchInlineSnapshot(`
      "
      project id#0, s#1
        join inner on mid_id#2 = mid_id#3
          join inner on mid_id#4 = mid_id#3
            join semi on mid_id#4 = mid_id#5
              scan big as b (id#0, mid_id#4)
              scan mid as m (mid_id#5, n#6)
                · filter mid_id#5 = 7
                · filter n#6 = 3
            scan mid as m (mid_id#3, n#7)
              · filter mid_id#3 = 7
              · filter n#7 = 3
          aggregate by mid_id#2
            · "sum(n)"#1 = sum(n#8)
            join semi on mid_id#2 = mid_id#9
              scan big (mid_id#2, n#8)
              scan mid as m (mid_id#9, n#10)
                · filter mid_id#9 = 7
                · filter n#10 = 3
      "
    `);
  });
  test("not where the rows without a match are kept", () => {
    untouched(sql("LEFT JOIN mid m ON b.mid_id = m.mid_id AND m.n = 3 AND m.mid_id = 7", "TRUE"), ...rules);
  });
  test("not on another column, nor rows that other filters leave", () => {
    untouched(sql("JOIN mid m ON b.small_id = m.mid_id", "m.mid_id = 7 AND m.n = 3"), ...rules);
    untouched(sql("JOIN mid m ON b.mid_id = m.mid_id", "m.mid_id = 7 AND m.n = 3", "WHERE n = 4"), ...rules);
  });
});
