import { describe, expect, test } from "vitest";
import { expandDistinct } from "../../src/rules/expand-distinct.ts";
import { after, untouched } from "./after-rules.ts";

describe("expand-distinct", () => {
  test("one argument: two steps, plain aggregates in parts", () => {
    expect(
      after("SELECT tag, count(DISTINCT n), sum(DISTINCT n), count(*), max(id) FROM big GROUP BY tag", expandDistinct),
    ).toMatchInlineSnapshot(`
      "
      project tag#0, "count(DISTINCT n)"#1, "sum(DISTINCT n)"#2, "count(*)"#3, "max(id)"#4
        project tag#0, "count(DISTINCT n)"#1, "sum(DISTINCT n)"#2, "count(*)"#3 = CASE WHEN "count(*)"#5 IS NULL THEN 0 ELSE CAST("count(*)"#5 AS BIGINT) END, "max(id)"#4
          aggregate by tag#0
            · "count(DISTINCT n)"#1 = count(n#6)
            · "sum(DISTINCT n)"#2 = sum(n#6)
            · "count(*)"#5 = sum("count(*)"#7)
            · "max(id)"#4 = max("max(id)"#8)
            aggregate by tag#0, n#6 = n#9
              · "count(*)"#7 = count(*)
              · "max(id)"#8 = max(id#10)
              scan big (id#10, mid_id#11, small_id#12, n#9, price#13, day#14, tag#0)
      "
    `);
  });
  test("several arguments, or averages beside them: computed apart and joined", () => {
    expect(
      after("SELECT tag, count(DISTINCT n), count(DISTINCT mid_id) FROM big GROUP BY tag", expandDistinct),
    ).toMatchInlineSnapshot(`
      "
      project tag#0, "count(DISTINCT n)"#1, "count(DISTINCT mid_id)"#2
        project tag#0 = tag#3, "count(DISTINCT n)"#1, "count(DISTINCT mid_id)"#2
          join inner on tag#3 IS NOT DISTINCT FROM tag#4
            aggregate by tag#3
              · "count(DISTINCT n)"#1 = count(n#5)
              aggregate by tag#3 = tag#6, n#5 = n#7
                scan big (id#8, mid_id#9, small_id#10, n#7, price#11, day#12, tag#6)
            aggregate by tag#4
              · "count(DISTINCT mid_id)"#2 = count(mid_id#13)
              aggregate by tag#4 = tag#14, mid_id#13 = mid_id#15
                scan big (id#16, mid_id#15, small_id#17, n#18, price#19, day#20, tag#14)
      "
    `);
    expect(after("SELECT count(DISTINCT n), avg(id) FROM big", expandDistinct)).toMatchInlineSnapshot(`
      "
      project "count(DISTINCT n)"#0, "avg(id)"#1
        project "count(DISTINCT n)"#0, "avg(id)"#1
          join inner
            aggregate
              · "avg(id)"#1 = avg(id#2)
              scan big (id#2, mid_id#3, small_id#4, n#5, price#6, day#7, tag#8)
            aggregate
              · "count(DISTINCT n)"#0 = count(n#9)
              aggregate by n#9 = n#10
                scan big (id#11, mid_id#12, small_id#13, n#10, price#14, day#15, tag#16)
      "
    `);
  });
  test("not without DISTINCT", () => {
    untouched("SELECT tag, count(n) FROM big GROUP BY tag", expandDistinct);
  });
});
