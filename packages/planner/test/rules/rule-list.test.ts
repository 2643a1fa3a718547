import { describe, expect, test } from "vitest";
import { ruleList } from "../../src/rules/rule-list.ts";

describe("the rule list", () => {
  test("names are unique per rule and follow the files", () => {
    for (const rule of ruleList) expect(rule.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
