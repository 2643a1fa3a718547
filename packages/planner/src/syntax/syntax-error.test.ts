import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { QueryError } from "@headcut/plan";
import { describe, expect, test } from "vitest";
import { parse } from "./parse.ts";

// golden/errors-*.txt: statements, `----`, and the error as a terminal shows it; UPDATE_GOLDEN=1 writes what is found.
const folder = new URL("golden/", import.meta.url);

const errorOf = (sql: string): string => {
  try {
    parse(sql);
  } catch (error) {
    if (error instanceof QueryError) return error.describe(sql);
    throw error;
  }
  return "no error";
};

for (const name of readdirSync(folder).filter((file) => file.startsWith("errors-"))) {
  const file = new URL(name, folder);
  const blocks = readFileSync(file, "utf8").trimEnd().split("\n\n");
  const cases = blocks.map((block) => {
    const [sql = "", error = ""] = block.split(/\n----\n?/);
    return { sql, error: error.trimEnd() };
  });
  if (process.env.UPDATE_GOLDEN === "1") {
    writeFileSync(file, `${cases.map(({ sql }) => `${sql}\n----\n${errorOf(sql)}`).join("\n\n")}\n`);
    continue;
  }
  describe(name, () => {
    test.each(cases)("$sql", ({ sql, error }) => {
      expect(errorOf(sql)).toBe(error);
      expect(error).not.toBe("no error");
    });
  });
}

test("an error's range is inside the text", () => {
  for (const sql of ["SELECT", "SELECT a FROM", "SELECT 'a", "SELECT (", "SELECT a;SELECT", "\n\n"]) {
    try {
      parse(sql);
    } catch (error) {
      const { range } = error as QueryError;
      expect(range).toBeDefined();
      expect(range!.start).toBeGreaterThanOrEqual(0);
      expect(range!.end).toBeGreaterThanOrEqual(range!.start);
      expect(range!.end).toBeLessThanOrEqual(sql.length);
    }
  }
});
