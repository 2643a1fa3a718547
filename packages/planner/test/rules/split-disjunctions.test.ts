import { describe, expect, test } from "vitest";
import { splitDisjunctions } from "../../src/rules/split-disjunctions.ts";
import { after, untouched } from "./after-rules.ts";

describe("split-disjunctions", () => {
  test("derives what each table alone must satisfy", () => {
    expect(
      after("SELECT b.id FROM big b, mid m WHERE (b.n = 1 AND m.n = 2) OR (b.n = 2 AND m.n = 1)", splitDisjunctions),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter (n#1 = 1 AND n#2 = 2 OR n#1 = 2 AND n#2 = 1) AND (n#1 = 1 OR n#1 = 2) AND (n#2 = 2 OR n#2 = 1)
          join inner
            scan big as b (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#7)
            scan mid as m (mid_id#8, small_id#9, n#2, name#10)
      "
    `);
  });
  test("not for a table that one branch leaves free", () => {
    untouched("SELECT b.id FROM big b, mid m WHERE b.n = 1 OR m.n = 2", splitDisjunctions);
  });
});
