import { firstOfMonth } from "./draw.ts";
import type { Query } from "./query.ts";

/** Top Supplier (specification clause 2.4.15). The view of the specification stands in a WITH clause. */
export const q15: Query = {
  number: 15,
  orderBy: [0],
  validation: () => ["1996-01-01"],
  draw: ({ stream }) => [firstOfMonth(0, 57, stream)],
  sql: ([date]) => `WITH revenue (supplier_no, total_revenue) AS (
  SELECT l_suppkey, sum(l_extendedprice * (1 - l_discount))
  FROM lineitem
  WHERE l_shipdate >= DATE '${date}'
    AND l_shipdate < DATE '${date}' + INTERVAL '3' MONTH
  GROUP BY l_suppkey
)
SELECT s_suppkey, s_name, s_address, s_phone, total_revenue
FROM supplier, revenue
WHERE s_suppkey = supplier_no
  AND total_revenue = (SELECT max(total_revenue) FROM revenue)
ORDER BY s_suppkey`,
};
