import { readFileSync } from "node:fs";
import { QueryError } from "@headcut/plan";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isComplete } from "../../src/syntax/complete-statement.ts";
import { parse } from "../../src/syntax/parse.ts";

/** Whatever the text: statements, or an error of ours with a place in the text. */
const survives = (sql: string): void => {
  isComplete(sql);
  try {
    parse(sql);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    expect(["syntax", "unsupported"]).toContain(error.code);
    // The names of token types are not for people.
    expect(error.message).not.toMatch(
      /^expected (undefined|name|label|functionname|identifier|\w+(operator|literal)) /,
    );
    const { start, end } = error.range!;
    expect(0 <= start && start <= end && end <= sql.length, `${start}-${end} of ${sql.length}`).toBe(true);
  }
};

test("any text parses or is refused", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), survives), { numRuns: 2000 });
});

const words = [
  ..."SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET FETCH FIRST ROWS ONLY WITH AS UNION ALL VALUES JOIN ON".split(
    " ",
  ),
  ..."LEFT USING NATURAL CROSS LATERAL AND OR NOT IN IS NULL LIKE ESCAPE BETWEEN CASE WHEN THEN ELSE END CAST".split(
    " ",
  ),
  ..."EXISTS ANY INTERVAL DATE DAY EXTRACT SUBSTRING TRIM POSITION FILTER OVER WITHIN DISTINCT EXCLUDE REPLACE".split(
    " ",
  ),
  ..."CREATE TABLE DROP INSERT INTO COPY TO EXPLAIN ANALYZE DESCRIBE SHOW TABLES IF TIMESTAMP ZONE DOUBLE".split(" "),
  ..."a b t 1 2.5 'x' \"q\" $1 ? ( ) ( ) , , . ; * + - / = < >= || :: [ ] { } : := => -> ! ~~".split(" "),
];

test("any words in any order parse or are refused", () => {
  const text = fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((list) => list.join(" "));
  fc.assert(fc.property(text, survives), { numRuns: 5000 });
});

test("statements with words left out, doubled or swapped parse or are refused", () => {
  const accepted = readFileSync(new URL("../../src/syntax/golden/accepted.sql", import.meta.url), "utf8").split("\n");
  const mangled = fc
    .tuple(
      fc.constantFrom(...accepted),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(2)), { minLength: 1, maxLength: 3 }),
    )
    .map(([sql, edits]) => {
      const parts = sql.split(/\b/);
      for (const [from, to, kind] of edits) {
        const i = from % parts.length;
        const j = to % parts.length;
        if (kind === 0) parts.splice(i, 1);
        if (kind === 1) parts.splice(i, 0, parts[j] ?? "");
        if (kind === 2) [parts[i], parts[j]] = [parts[j] ?? "", parts[i] ?? ""];
      }
      return parts.join("");
    });
  fc.assert(fc.property(mangled, survives), { numRuns: 5000 });
});
