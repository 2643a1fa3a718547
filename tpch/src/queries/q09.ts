import { colors } from "../generator/word-lists.ts";
import { word } from "./draw.ts";
import type { Query } from "./query.ts";

/** Product Type Profit Measure (specification clause 2.4.9). */
export const q09: Query = {
  number: 9,
  orderBy: [0, 1],
  validation: () => ["green"],
  draw: ({ stream }) => [word(colors, stream)],
  sql: ([color]) => `SELECT nation, o_year, sum(amount) AS sum_profit
FROM (
  SELECT
    n_name AS nation,
    extract(YEAR FROM o_orderdate) AS o_year,
    l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
  FROM part, supplier, lineitem, partsupp, orders, nation
  WHERE s_suppkey = l_suppkey
    AND ps_suppkey = l_suppkey
    AND ps_partkey = l_partkey
    AND p_partkey = l_partkey
    AND o_orderkey = l_orderkey
    AND s_nationkey = n_nationkey
    AND p_name LIKE '%${color}%'
) AS profit
GROUP BY nation, o_year
ORDER BY nation, o_year DESC`,
};
