import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, parseStatement } from "../../src/syntax/parse.ts";
import { printTree } from "../../src/syntax/print-tree.ts";
import { shape } from "./shape.ts";

const accepted = readFileSync(new URL("../../src/syntax/golden/accepted.sql", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("--"));

test.each(accepted)("%s", (sql) => {
  const statement = parseStatement(sql);
  const printed = printTree(statement);
  expect(shape(parseStatement(printed))).toEqual(shape(statement));
  // The printed form is canonical: printing is idempotent.
  expect(printTree(parseStatement(printed))).toBe(printed);
});

test("statements are separated by semicolons; comments and empty statements are skipped", () => {
  const sql = "-- first\nSELECT 1; ; /* a /* nested */ comment */ SELECT 2 -- the end\n;";
  expect(parse(sql).map(printTree)).toEqual(["SELECT 1", "SELECT 2"]);
  expect(parse("")).toEqual([]);
  expect(parse(" ;; -- nothing\n")).toEqual([]);
});

test("parameters are numbered anew in each statement", () => {
  expect(parse("SELECT ?, ?; SELECT ?").map(printTree)).toEqual(["SELECT $1, $2", "SELECT $1"]);
});

test("ranges are offsets in the whole text", () => {
  const sql = "SELECT 1; SELECT a + (b * 2) FROM t";
  const [, second] = parse(sql);
  expect(sql.slice(second!.range.start, second!.range.end)).toBe("SELECT a + (b * 2) FROM t");
  if (second?.kind !== "query" || second.body.kind !== "select") throw new Error("not a select");
  const [item] = second.body.items;
  expect(sql.slice(item!.range.start, item!.range.end)).toBe("a + (b * 2)");
});
