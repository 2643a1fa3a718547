import { readFileSync, writeFileSync } from "node:fs";
import { REWRITTEN_FUNCTIONS } from "@headcut/planner";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, docPath } from "./code-blocks.ts";
import { aggregateTable, scalarTable } from "./function-table.ts";
import { REWRITTEN_DOCS } from "./rewritten-docs.ts";

let db: Connection;
beforeAll(async () => {
  db = await connect({ threads: 1 });
});
afterAll(() => db.close());

const statements = codeBlocks("sql.md", "sql").flatMap(({ line, code }) =>
  code.split("\n").map((text, index): [place: string, sql: string, promise: string | undefined] => {
    const [sql, promise] = text.split(" -- → ");
    return [`sql.md:${line + index + 1}`, sql!, promise];
  }),
);

describe("docs/sql.md", () => {
  it.each(statements)("%s: %s", async (_, sql, promise) => {
    const rows = (await db.query(sql)).toText();
    if (promise !== undefined)
      expect(rows.map((row) => row.map((value) => value ?? "NULL").join(" | "))).toEqual([promise]);
  });

  it.each(codeBlocks("sql.md", "unsupported").flatMap(({ code }) => code.split("\n")))("refuses %s", async (sql) => {
    await expect(db.query(sql)).rejects.toMatchObject({ code: "unsupported" });
  });

  it.each([
    ["aggregates", aggregateTable],
    ["functions", scalarTable],
  ])("lists the %s there are (UPDATE_GOLDEN=1 rewrites the list)", (name, table) => {
    const page = readFileSync(docPath("sql.md"), "utf8");
    const place = new RegExp(`(<!-- ${name}:[^\\n]*-->\\n)[^]*?(<!-- end -->)`);
    expect(page).toMatch(place);
    const expected = page.replace(place, (_, start: string, end: string) => `${start}${table()}\n${end}`);
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(docPath("sql.md"), expected);
    else expect(page).toBe(expected);
  });

  it("knows every rewritten function", () => {
    const documented = Object.keys(REWRITTEN_DOCS).flatMap((names) => names.split(" "));
    expect(documented.sort()).toEqual([...REWRITTEN_FUNCTIONS.keys()].sort());
  });
});
