import { describe, expect, test } from "vitest";
import { factorDisjunctions } from "../../src/rules/factor-disjunctions.ts";
import { after, untouched } from "./after-rules.ts";

describe("factor-disjunctions", () => {
  test("takes out what all branches have in common", () => {
    expect(
      after(
        "SELECT b.id FROM big b, mid m WHERE (b.mid_id = m.mid_id AND b.n = 1) OR (b.mid_id = m.mid_id AND m.n = 2)",
        factorDisjunctions,
      ),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter mid_id#1 = mid_id#2 AND (n#3 = 1 OR n#4 = 2)
          join inner
            scan big as b (id#0, mid_id#1, small_id#5, n#3, price#6, day#7, tag#8)
            scan mid as m (mid_id#2, small_id#9, n#4, name#10)
      "
    `);
  });
  test("a branch that is all in common makes the rest superfluous", () => {
    expect(after("SELECT id FROM big WHERE n = 1 OR (n = 1 AND tag = 'x')", factorDisjunctions)).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 = 1
          scan big (id#0, mid_id#2, small_id#3, n#1, price#4, day#5, tag#6)
      "
    `);
  });
  test("equalities with constants become IN", () => {
    expect(
      after("SELECT id FROM big WHERE n = 1 OR n IN (2, 3) OR tag = 'x'", factorDisjunctions),
    ).toMatchInlineSnapshot(`
      "
      project id#0
        filter n#1 IN (1, 2, 3) OR tag#2 = 'x'
          scan big (id#0, mid_id#3, small_id#4, n#1, price#5, day#6, tag#2)
      "
    `);
  });
  test("not where the branches share nothing", () => {
    untouched("SELECT id FROM big WHERE n = 1 OR tag = 'x'", factorDisjunctions);
  });
});
