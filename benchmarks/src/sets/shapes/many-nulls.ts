import { random, type Shape } from "./shape.ts";

const mostlyNull = (seed: number, present: number, value: string): string =>
  `CASE WHEN ${random(seed, 100)} < ${present} THEN ${value} END`;

/** Columns of which 10, 50, 90 or 100 of a hundred values are NULL. */
export const manyNulls: Shape = {
  tables: [
    {
      name: "forms",
      rows: (million) => `
        SELECT i AS form, ${mostlyNull(1, 10, random(2, 1000))} AS rare, ${mostlyNull(3, 50, random(4, 100_000))} AS half,
          ${mostlyNull(5, 90, `'answer ' || ${random(6, 3000)}`)} AS answer,
          ${mostlyNull(7, 10, `'remark ' || ${random(8, 50_000)}`)} AS remark,
          CAST(${mostlyNull(9, 50, `${random(10, 1_000_000)} / 100`)} AS DECIMAL(12, 2)) AS amount,
          ${mostlyNull(11, 20, `DATE '2024-01-01' + CAST(${random(12, 300)} AS INTEGER)`)} AS day,
          CAST(NULL AS INTEGER) AS nothing
        FROM range(${million(3)}) AS r(i)`,
    },
  ],
  queries: {
    "nulls-counts": `SELECT count(*) AS n, count(rare) AS rare, count(half) AS half, count(answer) AS answer,
      count(remark) AS remark, count(amount) AS amount, count(day) AS day, count(nothing) AS nothing FROM forms`,
    "nulls-groups":
      "SELECT rare, count(*) AS n, sum(amount) AS total FROM forms GROUP BY rare ORDER BY rare NULLS FIRST LIMIT 50",
    "nulls-filter":
      "SELECT count(*) AS n, sum(form) AS forms FROM forms WHERE remark IS NULL AND day IS NOT NULL AND half > 50000",
    "nulls-coalesce": `SELECT coalesce(answer, remark, 'none') AS text, count(*) AS n, avg(amount) AS mean FROM forms
      GROUP BY 1 ORDER BY n DESC, text LIMIT 20`,
    "nulls-left-join": `SELECT count(*) AS n, count(b.form) AS matched, sum(a.amount) AS total
      FROM forms AS a LEFT JOIN (SELECT rare, max(form) AS form FROM forms WHERE half < 1000 GROUP BY rare) AS b ON a.rare = b.rare`,
    "nulls-sorted": "SELECT day, rare, form FROM forms ORDER BY day NULLS LAST, rare DESC NULLS LAST, form LIMIT 100",
  },
};
