import { describe, expect, test } from "vitest";
import { mergeProjections } from "../../src/rules/merge-projections.ts";
import { pushLimits } from "../../src/rules/push-limits.ts";
import { after, untouched } from "./after-rules.ts";

describe("push-limits", () => {
  test("through a projection to its sort, into UNION ALL and a left join's left side", () => {
    expect(
      after("SELECT n + 1 FROM (SELECT n FROM big ORDER BY n) LIMIT 3 OFFSET 1", pushLimits),
    ).toMatchInlineSnapshot(`
      "
      project "n + 1"#0 = n#1 + 1
        limit 3 offset 1
          sort n#1 NULLS LAST
            project n#1
              scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
      "
    `);
    expect(after("SELECT n FROM big UNION ALL SELECT n FROM mid LIMIT 3 OFFSET 1", pushLimits)).toMatchInlineSnapshot(`
      "
      limit 3 offset 1
        setOperation union all (n#0)
          project n#1
            limit 4
              scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
          project n#8
            limit 4
              scan mid (mid_id#9, small_id#10, n#8, name#11)
      "
    `);
    expect(
      after("SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id LIMIT 3", mergeProjections, pushLimits),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        limit 3
          join left on mid_id#1 = mid_id#2
            limit 3
              scan big as b (id#0, mid_id#1, small_id#3, n#4, price#5, day#6, tag#7)
            scan mid as m (mid_id#2, small_id#8, n#9, name#10)
      "
    `);
  });
  test("not into an inner join or a filter", () => {
    untouched("SELECT * FROM big b JOIN mid m ON b.mid_id = m.mid_id LIMIT 3", pushLimits, pushLimits);
    untouched("SELECT * FROM big b WHERE n = 1 LIMIT 3", pushLimits, pushLimits);
  });
});
