import { firstOfMonth } from "./draw.ts";
import type { Query } from "./query.ts";

/** Order Priority Checking (specification clause 2.4.4). */
export const q04: Query = {
  number: 4,
  orderBy: [0],
  validation: () => ["1993-07-01"],
  draw: ({ stream }) => [firstOfMonth(1, 58, stream)],
  sql: ([date]) => `SELECT o_orderpriority, count(*) AS order_count
FROM orders
WHERE o_orderdate >= DATE '${date}'
  AND o_orderdate < DATE '${date}' + INTERVAL '3' MONTH
  AND EXISTS (
    SELECT *
    FROM lineitem
    WHERE l_orderkey = o_orderkey
      AND l_commitdate < l_receiptdate
  )
GROUP BY o_orderpriority
ORDER BY o_orderpriority`,
};
