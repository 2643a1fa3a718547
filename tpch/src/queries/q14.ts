import { firstOfMonth } from "./draw.ts";
import type { Query } from "./query.ts";

/** Promotion Effect (specification clause 2.4.14). */
export const q14: Query = {
  number: 14,
  orderBy: [],
  validation: () => ["1995-09-01"],
  draw: ({ stream }) => [firstOfMonth(0, 59, stream)],
  sql: ([date]) => `SELECT
  100.00 * sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
    / sum(l_extendedprice * (1 - l_discount)) AS promo_revenue
FROM lineitem, part
WHERE l_partkey = p_partkey
  AND l_shipdate >= DATE '${date}'
  AND l_shipdate < DATE '${date}' + INTERVAL '1' MONTH`,
};
