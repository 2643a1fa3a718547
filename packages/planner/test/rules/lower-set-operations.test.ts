import { describe, expect, test } from "vitest";
import { lowerSetOperations } from "../../src/rules/lower-set-operations.ts";
import { after, untouched } from "./after-rules.ts";

describe("lower-set-operations", () => {
  test("UNION, INTERSECT and EXCEPT in terms of other operators", () => {
    expect(after("SELECT n FROM big UNION SELECT n FROM mid", lowerSetOperations)).toMatchInlineSnapshot(`
      "
      aggregate by n#0
        setOperation union all (n#0)
          project n#1
            scan big (id#2, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
          project n#8
            scan mid (mid_id#9, small_id#10, n#8, name#11)
      "
    `);
    expect(after("SELECT n FROM big EXCEPT SELECT n FROM mid", lowerSetOperations)).toMatchInlineSnapshot(`
      "
      project n#0 = n#1
        join anti on n#1 IS NOT DISTINCT FROM n#2
          aggregate by n#1
            project n#1
              scan big (id#3, mid_id#4, small_id#5, n#1, price#6, day#7, tag#8)
          project n#2
            scan mid (mid_id#9, small_id#10, n#2, name#11)
      "
    `);
    expect(after("SELECT n FROM big INTERSECT ALL SELECT n FROM mid", lowerSetOperations)).toMatchInlineSnapshot(`
      "
      project n#0 = n#1
        repeat CASE WHEN lefts#2 < rights#3 THEN lefts#2 ELSE rights#3 END
          aggregate by n#1
            · lefts#2 = count(*) FILTER (WHERE side#4 = 0)
            · rights#3 = count(*) FILTER (WHERE side#4 = 1)
            setOperation union all (n#1, side#4)
              project n#5, side#6 = 0
                project n#5
                  scan big (id#7, mid_id#8, small_id#9, n#5, price#10, day#11, tag#12)
              project n#13, side#14 = 1
                project n#13
                  scan mid (mid_id#15, small_id#16, n#13, name#17)
      "
    `);
  });
  test("not UNION ALL", () => {
    untouched("SELECT n FROM big UNION ALL SELECT n FROM mid", lowerSetOperations);
  });
});
