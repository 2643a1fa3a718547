import { expect } from "vitest";
import type { Rule } from "../../src/rules/rule.ts";
import { applyRules } from "../plan-sql.ts";

/** The plan after the rules, of which the last must have changed it. */
export const after = (sql: string, ...rules: readonly Rule[]): string => {
  const { changed, text } = applyRules(sql, ...rules);
  expect(changed, `${rules.at(-1)!.name} did not fire`).toBe(true);
  return text;
};

export const untouched = (sql: string, ...rules: readonly Rule[]): void => {
  const { changed, text } = applyRules(sql, ...rules);
  expect(changed, `${rules.at(-1)!.name} fired: ${text}`).toBe(false);
};
