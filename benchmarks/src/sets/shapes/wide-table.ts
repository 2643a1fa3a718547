import { random, type Shape } from "./shape.ts";

const COLUMNS = 1000;
const column = (index: number): string =>
  index % 10 === 9
    ? `'v' || ${random(index, 200)} AS s${index}`
    : `CAST(${random(index, 1000 * (index + 1))} AS ${index % 2 === 0 ? "INTEGER" : "BIGINT"}) AS c${index}`;
const indices = Array.from({ length: COLUMNS }, (_, index) => index);
const numbers = indices.filter((index) => index % 10 !== 9);

/** A file of 1,000 columns. */
export const wideTable: Shape = {
  tables: [
    {
      name: "thousand",
      rows: (million) => `SELECT ${indices.map(column).join(", ")} FROM range(${million(0.03)}) AS r(i)`,
      rowsPerGroup: 10_240,
    },
  ],
  queries: {
    "columns-three":
      "SELECT s9, count(*) AS n, sum(c500) AS total, max(c998) AS top FROM thousand GROUP BY s9 ORDER BY s9",
    "columns-sum-all": `SELECT ${numbers.map((index) => `sum(c${index}) AS t${index}`).join(", ")} FROM thousand`,
    "columns-row": "SELECT * FROM thousand ORDER BY c998, c997 LIMIT 1",
    "columns-filters": `SELECT count(*) AS n FROM thousand WHERE ${numbers
      .slice(0, 40)
      .map((index) => `c${index} >= 10`)
      .join(" AND ")}`,
  },
};
