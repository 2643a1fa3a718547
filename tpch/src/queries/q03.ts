import { marketSegments } from "../generator/word-lists.ts";
import { word } from "./draw.ts";
import type { Query } from "./query.ts";

/** Shipping Priority (specification clause 2.4.3). */
export const q03: Query = {
  number: 3,
  orderBy: [1, 2],
  validation: () => ["BUILDING", "1995-03-15"],
  draw: ({ stream }) => [word(marketSegments, stream), `1995-03-${String(1 + stream.between(0, 30)).padStart(2, "0")}`],
  sql: ([segment, date]) => `SELECT
  l_orderkey,
  sum(l_extendedprice * (1 - l_discount)) AS revenue,
  o_orderdate,
  o_shippriority
FROM customer, orders, lineitem
WHERE c_mktsegment = '${segment}'
  AND c_custkey = o_custkey
  AND l_orderkey = o_orderkey
  AND o_orderdate < DATE '${date}'
  AND l_shipdate > DATE '${date}'
GROUP BY l_orderkey, o_orderdate, o_shippriority
ORDER BY revenue DESC, o_orderdate
LIMIT 10`,
};
