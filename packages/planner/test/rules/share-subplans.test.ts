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
});
