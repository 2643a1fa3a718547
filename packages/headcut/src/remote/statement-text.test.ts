import { QueryError } from "@headcut/plan";
import { parse } from "@headcut/planner";
import { describe, expect, it } from "vitest";
import { statementNeeds } from "./statement-needs.ts";
import { movedError, statementText } from "./statement-text.ts";

const texts = (sql: string) => parse(sql).map((statement) => statementText(statement, sql));

describe("what is sent of a text is the statement's own part", () => {
  it.each<[string, readonly [string, string, number][]]>([
    ["SELECT 1", [["run", "SELECT 1", 0]]],
    [
      "-- a\n  SELECT 'x;y' /* b */ ; ; (SELECT 2) ;",
      [
        ["run", "SELECT 'x;y'", 7],
        ["run", "(SELECT 2)", 32],
      ],
    ],
    ["EXPLAIN ANALYZE SELECT 1", [["explain", "SELECT 1", 16]]],
    ["EXPLAIN EXPLAIN SELECT 1", [["explain", "EXPLAIN SELECT 1", 8]]],
    ["COPY (SELECT 1) TO 'x.csv' (HEADER false)", [["copiedRows", "COPY (SELECT 1) TO 'x.csv' (HEADER false)", 0]]],
    [
      "SELECT '🎉'; WITH a AS (SELECT ?) SELECT * FROM a WHERE x = ?",
      [
        ["run", "SELECT '🎉'", 0],
        ["run", "WITH a AS (SELECT ?) SELECT * FROM a WHERE x = ?", 13],
      ],
    ],
  ])("%s", (sql, expected) => {
    expect(texts(sql).map(({ form, sql: part, offset }) => [form.kind, part, offset])).toEqual(expected);
    // It is read again as it was.
    for (const { sql: part } of texts(sql)) expect(parse(part)).toHaveLength(1);
  });
});

it("errors point into the whole text", () => {
  const error = new QueryError("unknown-column", "no", { range: { start: 1, end: 3 }, hint: "h", cause: "c" });
  const moved = movedError(error, 10);
  expect(moved).toBeInstanceOf(QueryError);
  expect(moved).toMatchObject({
    code: "unknown-column",
    message: "no",
    range: { start: 11, end: 13 },
    hint: "h",
    cause: "c",
  });
  expect(movedError(error, 0)).toBe(error);
  const bare = new QueryError("io", "no");
  expect(movedError(bare, 10)).toBe(bare);
  const bug = new TypeError("x");
  expect(movedError(bug, 10)).toBe(bug);
});

describe("what a statement needs of the session", () => {
  it.each<[string, readonly string[], boolean, boolean]>([
    ["SELECT * FROM a, main.B, s.c, 'x.parquet' WHERE y IN (SELECT z FROM d)", ["a", "B", "d"], false, false],
    ["WITH a AS (SELECT * FROM e) SELECT * FROM a", ["e"], false, false],
    ["INSERT INTO a SELECT * FROM b", ["a", "b"], true, false],
    ["CREATE TABLE a AS SELECT * FROM b", ["b"], true, true],
    ["CREATE TABLE a (x INTEGER)", [], true, true],
    ["DROP TABLE a", [], true, false],
    ["EXPLAIN INSERT INTO a VALUES (1)", ["a"], false, false],
    ["DESCRIBE a", ["a"], false, false],
    ["SHOW TABLES", [], false, false],
    ["COPY a TO 'x.csv'", ["a"], false, false],
  ])("%s", (sql, names, changes, makesTable) => {
    expect(statementNeeds(parse(sql)[0]!)).toEqual({ names, changes, makesTable });
  });
});
