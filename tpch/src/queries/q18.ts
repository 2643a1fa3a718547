import type { Query } from "./query.ts";

/** Large Volume Customer (specification clause 2.4.18). */
export const q18: Query = {
  number: 18,
  orderBy: [4, 3],
  validation: () => ["300"],
  draw: ({ stream }) => [String(stream.between(312, 315))],
  sql: ([quantity]) => `SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity)
FROM customer, orders, lineitem
WHERE o_orderkey IN (
    SELECT l_orderkey
    FROM lineitem
    GROUP BY l_orderkey
    HAVING sum(l_quantity) > ${quantity}
  )
  AND c_custkey = o_custkey
  AND o_orderkey = l_orderkey
GROUP BY c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice
ORDER BY o_totalprice DESC, o_orderdate
LIMIT 100`,
};
