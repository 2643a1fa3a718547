import { shipModes } from "../generator/word-lists.ts";
import { newYear, twoWords } from "./draw.ts";
import type { Query } from "./query.ts";

/** Shipping Modes and Order Priority (specification clause 2.4.12). */
export const q12: Query = {
  number: 12,
  orderBy: [0],
  validation: () => ["MAIL", "SHIP", "1994-01-01"],
  draw: ({ stream }) => [...twoWords(shipModes, stream), newYear(stream)],
  sql: ([mode1, mode2, date]) => `SELECT
  l_shipmode,
  sum(CASE WHEN o_orderpriority = '1-URGENT' OR o_orderpriority = '2-HIGH' THEN 1 ELSE 0 END) AS high_line_count,
  sum(CASE WHEN o_orderpriority <> '1-URGENT' AND o_orderpriority <> '2-HIGH' THEN 1 ELSE 0 END) AS low_line_count
FROM orders, lineitem
WHERE o_orderkey = l_orderkey
  AND l_shipmode IN ('${mode1}', '${mode2}')
  AND l_commitdate < l_receiptdate
  AND l_shipdate < l_commitdate
  AND l_receiptdate >= DATE '${date}'
  AND l_receiptdate < DATE '${date}' + INTERVAL '1' YEAR
GROUP BY l_shipmode
ORDER BY l_shipmode`,
};
