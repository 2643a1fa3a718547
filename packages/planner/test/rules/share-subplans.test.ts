import { describe, expect, test } from "vitest";
import { mergeProjections } from "../../src/rules/merge-projections.ts";
import { pruneColumns } from "../../src/rules/prune-columns.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { shareSubplans } from "../../src/rules/share-subplans.ts";
import { after, untouched } from "./after-rules.ts";

describe("share-subplans", () => {
  const twice = (first: string, second: string): string =>
    `SELECT a.id, b.day FROM (SELECT * FROM big WHERE ${first}) a JOIN (SELECT * FROM big WHERE ${second}) b ON a.mid_id = b.small_id`;
  test("a selective scan that occurs twice is done once, with the columns of both", () => {
    expect(
      after(
        twice("n = 3 AND small_id = 4", "small_id = 4 AND n = 3"),
        pushFilters,
        pruneColumns,
        mergeProjections,
        shareSubplans,
      ),
    ).toMatchInlineSnapshot(`
      "
      with shared#0
        scan big (id#2, mid_id#3, small_id#1, n#0, day#4)
          · filter n#0 = 3
          · filter small_id#1 = 4
        project id#5, day#6
          join inner on mid_id#7 = small_id#8
            cteScan shared#0 (id#5 = #2, mid_id#7 = #3, small_id#9 = #1, n#10 = #0)
            cteScan shared#0 (small_id#8 = #1, n#11 = #0, day#6 = #4)
      "
    `);
  });
  test("not scans that differ, nor such as leave much", () => {
    untouched(twice("n = 3 AND small_id = 4", "n = 3 AND small_id = 5"), pushFilters, mergeProjections, shareSubplans);
    untouched(twice("n > 3", "n > 3"), pushFilters, mergeProjections, shareSubplans);
  });
  test("a scan takes its rows from another one with fewer filters, if those are costly", () => {
    const costly = "substring(name, 1, 2) IN ('a', 'b')";
    expect(
      after(
        `SELECT count(*) FROM mid WHERE ${costly} AND small_id > (SELECT avg(small_id) FROM mid WHERE n > 0 AND ${costly})`,
        pushFilters,
        pruneColumns,
        mergeProjections,
        shareSubplans,
      ),
    ).toMatchInlineSnapshot(`
      "
      with shared#0
        scan mid (small_id#1, name#0, n#2)
          · filter substring(name#0, 1, 2) IN ('a', 'b')
        aggregate
          · "count(*)"#3 = count(*)
          filter CAST(small_id#4 AS DOUBLE) > "avg(small_id)"#5
            join single
              cteScan shared#0 (small_id#4 = #1, name#6 = #0)
              aggregate
                · "avg(small_id)"#5 = avg(small_id#7)
                filter n#8 > 0
                  cteScan shared#0 (small_id#7 = #1, n#8 = #2, name#9 = #0)
      "
    `);
  });
  test("not if it wants few of them, nor if filters cost less than keeping rows", () => {
    const both = (first: string, second: string): string =>
      `SELECT count(*) FROM big a WHERE ${first} AND price > (SELECT avg(price) FROM big WHERE ${first} AND ${second})`;
    const rules = [pushFilters, pruneColumns, mergeProjections, shareSubplans];
    untouched(both("substring(tag, 1, 2) IN ('a', 'b')", "id = 4"), ...rules);
    untouched(both("n > 3", "small_id > 4"), ...rules);
  });
});
