import { readFileSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { parseStatement } from "../../src/syntax/parse.ts";
import { printTree } from "../../src/syntax/print-tree.ts";

// DuckDB prints its own syntax tree as JSON without binding. A text and what we print for it must have the same tree there: that we
// read precedence, associativity and the special forms as DuckDB does.

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
});

/** DuckDB's tree of a SELECT, or undefined when DuckDB refuses the text. */
const duckdbTree = async (sql: string): Promise<unknown> => {
  const reader = await connection.runAndReadAll(`SELECT json_serialize_sql('${sql.replaceAll("'", "''")}')`);
  const tree = JSON.parse(String(reader.getRows()[0]![0]), (key, value) => (key === "query_location" ? 0 : value));
  return tree.error ? undefined : tree;
};

/** Refused by DuckDB for other reasons than syntax, or equal in meaning but written otherwise by us. */
const differences = [
  /x'0aFF'/, // DuckDB reads x'…' as a string that begins with x
  /\*\*/, // its tree keeps the operator's spelling
  /AT TIME ZONE/, // it qualifies timezone() with its schema
  /FOR 2/, // it casts the length
  /current_date/, // a column until it is bound
  /sep := ';'/, // named arguments are comparisons until they are bound
  /LIMIT ALL/, // it keeps the NULL limit
];

const selects = readFileSync(new URL("../../src/syntax/golden/accepted.sql", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => /^(SELECT|WITH|FROM|VALUES|TABLE|\()/.test(line) && !differences.some((known) => known.test(line)));

test("accepted statements have the same tree in DuckDB as what we print for them", async () => {
  let compared = 0;
  for (const sql of selects) {
    const expected = await duckdbTree(sql);
    if (expected === undefined) continue;
    compared += 1;
    expect(await duckdbTree(printTree(parseStatement(sql))), sql).toEqual(expected);
  }
  expect(compared).toBeGreaterThan(60);
});

const atom = fc.constantFrom(
  ...["a", "b", "1", "2.5", "'x'", "NULL", "f(a, b)", "(a OR b)", "(a = b)", "CASE WHEN a THEN b END", "(SELECT 1)"],
  ...["EXISTS (SELECT 1)", "(a, b)", "DATE '2020-01-01'", "INTERVAL 3 DAY"],
);
const prefix = fc.constantFrom("", "", "", "NOT ", "- ", "+ ", "NOT NOT ");
const suffix = fc.constantFrom(
  ...["", "", "", " IS NULL", " IS NOT TRUE", " NOTNULL", " ISNULL", " IS UNKNOWN", "::int", "::decimal(3,1)"],
  ...[" IN (1, 2)", " NOT IN (SELECT 1)", " IN (a + b, NOT c)", " BETWEEN 1 AND 2", " NOT BETWEEN a + 1 AND b || c"],
  ...[" LIKE 'x' ESCAPE '!'"],
);
const infix = fc.constantFrom(
  ...[
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "^",
    "||",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "AND",
    "OR",
    "LIKE",
    "NOT LIKE",
    "ILIKE",
  ],
  ...["IS DISTINCT FROM", "IS NOT DISTINCT FROM"],
);
const operand = fc.tuple(prefix, atom, suffix, suffix).map((parts) => parts.join(""));
const flatExpression = fc
  .tuple(operand, fc.array(fc.tuple(infix, operand), { maxLength: 4 }))
  .map(([first, rest]) => [first, ...rest.flat()].join(" "))
  // DuckDB reads `||` before NOT as a postfix operator.
  .filter((text) => !text.includes("|| NOT"));

test("operators without parentheses bind as in DuckDB, and what does not chain there does not chain here", async () => {
  await fc.assert(
    fc.asyncProperty(flatExpression, async (text) => {
      const sql = `SELECT ${text}`;
      const expected = await duckdbTree(sql);
      if (expected === undefined) expect(() => parseStatement(sql), sql).toThrow("do not chain");
      else expect(await duckdbTree(printTree(parseStatement(sql))), sql).toEqual(expected);
    }),
    { numRuns: 1500 },
  );
});
