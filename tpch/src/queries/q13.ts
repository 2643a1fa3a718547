import { distribution } from "../generator/distribution.ts";
import { word } from "./draw.ts";
import type { Query } from "./query.ts";

const firstWords = distribution(["special", "pending", "unusual", "express"]);
const secondWords = distribution(["packages", "requests", "accounts", "deposits"]);

/** Customer Distribution (specification clause 2.4.13). */
export const q13: Query = {
  number: 13,
  orderBy: [1, 0],
  validation: () => ["special", "requests"],
  draw: ({ stream }) => [word(firstWords, stream), word(secondWords, stream)],
  sql: ([word1, word2]) => `SELECT c_count, count(*) AS custdist
FROM (
  SELECT c_custkey, count(o_orderkey)
  FROM customer
  LEFT OUTER JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%${word1}%${word2}%'
  GROUP BY c_custkey
) AS c_orders (c_custkey, c_count)
GROUP BY c_count
ORDER BY custdist DESC, c_count DESC`,
};
