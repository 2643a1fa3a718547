import { describe, expect, test } from "vitest";
import { outerToInnerJoins } from "../../src/rules/outer-to-inner-joins.ts";
import { pushFilters } from "../../src/rules/push-filters.ts";
import { refreshNullability } from "../../src/rules/refresh-nullability.ts";
import { applyRules } from "../plan-sql.ts";
import { untouched } from "./after-rules.ts";

describe("refresh-nullability", () => {
  test("nothing to say about a plan as bound", () => {
    untouched("SELECT b.id + 1, m.n FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id", refreshNullability);
  });
  test("what an inner join no longer pads", () => {
    const sql = "SELECT b.id, m.mid_id FROM big b LEFT JOIN mid m ON b.mid_id = m.mid_id WHERE m.n > 3";
    expect(applyRules(sql, pushFilters, outerToInnerJoins, refreshNullability).changed).toBe(true);
  });
});
