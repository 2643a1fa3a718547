import { colors } from "../generator/word-lists.ts";
import { nationNames, newYear, word } from "./draw.ts";
import type { Query } from "./query.ts";

/** Potential Part Promotion (specification clause 2.4.20). */
export const q20: Query = {
  number: 20,
  orderBy: [0],
  validation: () => ["forest", "1994-01-01", "CANADA"],
  draw: ({ stream }) => [word(colors, stream), newYear(stream), word(nationNames, stream)],
  sql: ([color, date, nation]) => `SELECT s_name, s_address
FROM supplier, nation
WHERE s_suppkey IN (
    SELECT ps_suppkey
    FROM partsupp
    WHERE ps_partkey IN (
        SELECT p_partkey
        FROM part
        WHERE p_name LIKE '${color}%'
      )
      AND ps_availqty > (
        SELECT 0.5 * sum(l_quantity)
        FROM lineitem
        WHERE l_partkey = ps_partkey
          AND l_suppkey = ps_suppkey
          AND l_shipdate >= DATE '${date}'
          AND l_shipdate < DATE '${date}' + INTERVAL '1' YEAR
      )
  )
  AND s_nationkey = n_nationkey
  AND n_name = '${nation}'
ORDER BY s_name`,
};
