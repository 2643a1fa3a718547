import { shuffled } from "./draw.ts";
import type { Query } from "./query.ts";

/** The country codes of the 25 nations (clause 4.2.2.9). */
const countryCodes = Array.from({ length: 25 }, (_, i) => 10 + i);

/** Global Sales Opportunity (specification clause 2.4.22). */
export const q22: Query = {
  number: 22,
  orderBy: [0],
  validation: () => ["13", "31", "23", "29", "30", "18", "17"],
  draw: ({ stream }) => shuffled(countryCodes, 7, stream),
  sql(codes) {
    const list = codes.map((code) => `'${code}'`).join(", ");
    return `SELECT cntrycode, count(*) AS numcust, sum(c_acctbal) AS totacctbal
FROM (
  SELECT substring(c_phone FROM 1 FOR 2) AS cntrycode, c_acctbal
  FROM customer
  WHERE substring(c_phone FROM 1 FOR 2) IN (${list})
    AND c_acctbal > (
      SELECT avg(c_acctbal)
      FROM customer
      WHERE c_acctbal > 0.00
        AND substring(c_phone FROM 1 FOR 2) IN (${list})
    )
    AND NOT EXISTS (
      SELECT *
      FROM orders
      WHERE o_custkey = c_custkey
    )
) AS custsale
GROUP BY cntrycode
ORDER BY cntrycode`;
  },
};
