import { random, type Shape } from "./shape.ts";

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** ((…((a * 3 + 1) % 1009) * 3 + 2) % 1009 …), `depth` times. */
const nestedArithmetic = (depth: number): string =>
  upTo(depth).reduce((inner, index) => `((${inner} * 3 + ${index}) % 1009)`, "a");

const nestedCase = (depth: number): string =>
  upTo(depth).reduceRight((inner, index) => `CASE WHEN b = ${index} THEN a + ${index} ELSE ${inner} END`, "0");

const alternatives = upTo(120).map(
  (index) => `(a = ${index * 7} AND b <> ${index % 100}) OR (b = ${index % 90} AND c > ${900 + index})`,
);

/** Expressions of some hundred operators over few columns. */
export const deepExpressions: Shape = {
  tables: [
    {
      name: "points",
      rows: (million) => `
        SELECT CAST(${random(1, 1000)} AS INTEGER) AS a, CAST(${random(2, 100)} AS INTEGER) AS b, ${random(3, 1000)} AS c
        FROM range(${million(1)}) AS r(i)`,
    },
  ],
  queries: {
    "deep-arithmetic": `SELECT sum(${nestedArithmetic(80)}) AS total FROM points`,
    "deep-case": `SELECT sum(${nestedCase(60)}) AS total FROM points`,
    "deep-or": `SELECT count(*) AS n FROM points WHERE ${alternatives.join(" OR ")}`,
    "deep-in": `SELECT count(*) AS n FROM points WHERE a IN (${upTo(400)
      .map((index) => index * 2 + (index % 3))
      .join(", ")})`,
    "deep-aggregates": `SELECT b, ${upTo(60)
      .map((index) => `sum(CASE WHEN a % 60 = ${index} THEN c ELSE 0 END) AS s${index}`)
      .join(", ")} FROM points GROUP BY b ORDER BY b`,
  },
};
