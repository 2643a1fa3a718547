import { nationNames, word } from "./draw.ts";
import type { Query } from "./query.ts";

/** 0.0001 / SF, to ten digits. */
const fractionAt = (scaleFactor: number): string => (0.0001 / scaleFactor).toFixed(10);

/** Important Stock Identification (specification clause 2.4.11). The fraction keeps the number of rows about the same at every scale factor. */
export const q11: Query = {
  number: 11,
  orderBy: [1],
  validation: (scaleFactor) => ["GERMANY", fractionAt(scaleFactor)],
  draw: ({ stream, scaleFactor }) => [word(nationNames, stream), fractionAt(scaleFactor)],
  sql: ([nation, fraction]) => `SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value
FROM partsupp, supplier, nation
WHERE ps_suppkey = s_suppkey
  AND s_nationkey = n_nationkey
  AND n_name = '${nation}'
GROUP BY ps_partkey
HAVING sum(ps_supplycost * ps_availqty) > (
  SELECT sum(ps_supplycost * ps_availqty) * ${fraction}
  FROM partsupp, supplier, nation
  WHERE ps_suppkey = s_suppkey
    AND s_nationkey = n_nationkey
    AND n_name = '${nation}'
)
ORDER BY value DESC`,
};
