import { describe, expect, test } from "vitest";
import { pruneColumns } from "../../src/rules/prune-columns.ts";
import { after } from "./after-rules.ts";

describe("prune-columns", () => {
  test("scans read what is used, unused aggregates and outer joins on a unique key go", () => {
    expect(
      after(
        "SELECT b.id FROM big b LEFT JOIN (SELECT mid_id, count(*) AS c, sum(n) AS s FROM mid GROUP BY mid_id) m ON b.mid_id = m.mid_id",
        pruneColumns,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        scan big as b (id#0)
      "
    `);
  });
  test("an outer join that may multiply rows stays", () => {
    expect(after("SELECT b.id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id", pruneColumns)).toMatchInlineSnapshot(`
      "
      project id#0
        join left on mid_id#1 = mid_id#2
          scan big as b (id#0, mid_id#1)
          scan mid as m (mid_id#2)
      "
    `);
  });
  test("columns of UNION ALL go on both sides, of UNION they are compared", () => {
    expect(
      after("SELECT n FROM (SELECT id, n FROM big UNION ALL SELECT mid_id, n FROM mid)", pruneColumns),
    ).toMatchInlineSnapshot(`
      "
      project n#0
        setOperation union all (n#0)
          project n#1
            scan big (n#1)
          project n#2
            project n#2
              scan mid (n#2)
      "
    `);
    expect(
      after("SELECT n FROM (SELECT id, n FROM big UNION SELECT mid_id, n FROM mid)", pruneColumns),
    ).toMatchInlineSnapshot(`
      "
      project n#0
        setOperation union (id#1, n#0)
          project id#2, n#3
            scan big (id#2, n#3)
          project mid_id#4 = CAST(mid_id#5 AS BIGINT), n#6
            project mid_id#5, n#6
              scan mid (mid_id#5, n#6)
      "
    `);
  });
});
