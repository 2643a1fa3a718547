import { describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { formatAnswers, parseAnswers } from "./answer-text.ts";
import { compareAnswers } from "./compare.ts";
import { STORED_SCALE_FACTORS, storedAnswers } from "./stored.ts";

// Q5 is sorted by its second column, Q1 by its first two.
const revenue: Answer = {
  columns: [
    { name: "n_name", type: "text" },
    { name: "revenue", type: "decimal" },
  ],
  rows: [
    ["CHINA", "20.5000"],
    ["INDIA", "10.2500"],
    ["JAPAN", "10.2500"],
    ["VIETNAM", null],
  ],
};

describe("compareAnswers", () => {
  it("accepts equal values however they are spelled", () => {
    const rows = [
      ["CHINA", "20.5"],
      ["INDIA", "10.25"],
      ["JAPAN", "+10.250"],
      ["VIETNAM", null],
    ];
    expect(compareAnswers(5, revenue, rows)).toBeUndefined();
  });

  it("accepts rows with equal sort keys in any order", () => {
    const rows = [revenue.rows[0]!, revenue.rows[2]!, revenue.rows[1]!, revenue.rows[3]!];
    expect(compareAnswers(5, revenue, rows)).toBeUndefined();
  });

  it("names the first value that differs", () => {
    const rows = revenue.rows.map((row) => [...row]);
    rows[1]![1] = "10.2501";
    expect(compareAnswers(5, revenue, rows)).toBe("Row 2, column revenue: 10.2500 was expected, but it is 10.2501.");
  });

  it("rejects rows in the wrong order", () => {
    expect(compareAnswers(5, revenue, revenue.rows.toReversed())).toMatch(/^Row 1, column/);
  });

  it("rejects missing rows, extra rows and a wrong number of columns", () => {
    expect(compareAnswers(5, revenue, revenue.rows.slice(0, 3))).toBe("4 rows were expected, but there are 3.");
    expect(compareAnswers(5, revenue, [...revenue.rows, ["X", "1"]])).toBe("4 rows were expected, but there are 5.");
    expect(compareAnswers(5, revenue, [["CHINA"]])).toBe("2 columns were expected, but there are 1.");
    expect(compareAnswers(5, revenue, [])).toBe("4 rows were expected, but there are 0.");
  });

  it("rejects a value where NULL is expected, and NULL where a value is", () => {
    const rows = revenue.rows.map((row) => [...row]);
    rows[3]![1] = "0";
    expect(compareAnswers(5, revenue, rows)).toBe("Row 4, column revenue: NULL was expected, but it is 0.");
    rows[0]![1] = null;
    expect(compareAnswers(5, revenue, rows)).toBe("Row 1, column revenue: 20.5000 was expected, but it is NULL.");
  });

  const share: Answer = { columns: [{ name: "promo_revenue", type: "double" }], rows: [["16.380778626395543"]] };
  it.each([
    [16.380778626395543, true],
    [16.3807786264, true],
    ["16.38", true],
    ["16.380779", true],
    ["16.380778", false],
    ["16.4", false],
    [16.38, false],
    [16.380779, false],
  ])("compares a double with %s", (value, same) => {
    expect(compareAnswers(14, share, [[value]]) === undefined).toBe(same);
  });

  it("compares integers and big integers by value", () => {
    const count: Answer = {
      columns: [
        { name: "c_count", type: "integer" },
        { name: "custdist", type: "integer" },
      ],
      rows: [["0", "50005"]],
    };
    expect(compareAnswers(13, count, [[0, 50005n]])).toBeUndefined();
    expect(compareAnswers(13, count, [[0n, "50005"]])).toBeUndefined();
    expect(compareAnswers(13, count, [[0n, 50006n]])).toMatch("custdist");
  });
});

describe("stored answers", () => {
  it.each(STORED_SCALE_FACTORS)("hold all queries at scale factor %d, and a changed value is found", async (sf) => {
    const answers = (await storedAnswers(sf))!;
    expect([...answers.keys()]).toEqual(Array.from({ length: 22 }, (_, i) => i + 1));
    for (const [query, answer] of answers) {
      expect(compareAnswers(query, answer, answer.rows)).toBeUndefined();
      if (answer.rows.length === 0) continue;
      const changed = answer.rows.map((row) => [...row]);
      const row = changed[changed.length >> 1]!;
      row[row.length - 1] = `9${row.at(-1) ?? ""}`;
      expect(compareAnswers(query, answer, changed)).toBeDefined();
    }
  });

  it("do not exist for other scale factors", async () => {
    expect(await storedAnswers(10)).toBeUndefined();
  });

  it("are the same after being written and read", () => {
    expect(parseAnswers(formatAnswers(new Map([[5, revenue]]))).get(5)).toEqual(revenue);
  });
});
