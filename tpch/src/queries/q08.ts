import { pick } from "../generator/distribution.ts";
import { nations, partTypes, regions } from "../generator/word-lists.ts";
import { nationNames, word } from "./draw.ts";
import type { Query } from "./query.ts";

/** National Market Share (specification clause 2.4.8). */
export const q08: Query = {
  number: 8,
  orderBy: [0],
  validation: () => ["BRAZIL", "AMERICA", "ECONOMY ANODIZED STEEL"],
  draw({ stream }) {
    const nation = pick(nationNames, stream);
    const [name, regionKey] = nations[nation]!;
    return [name, regions.words[regionKey]!, word(partTypes, stream)];
  },
  sql: ([nation, region, type]) => `SELECT
  o_year,
  sum(CASE WHEN nation = '${nation}' THEN volume ELSE 0 END) / sum(volume) AS mkt_share
FROM (
  SELECT
    extract(YEAR FROM o_orderdate) AS o_year,
    l_extendedprice * (1 - l_discount) AS volume,
    n2.n_name AS nation
  FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region
  WHERE p_partkey = l_partkey
    AND s_suppkey = l_suppkey
    AND l_orderkey = o_orderkey
    AND o_custkey = c_custkey
    AND c_nationkey = n1.n_nationkey
    AND n1.n_regionkey = r_regionkey
    AND r_name = '${region}'
    AND s_nationkey = n2.n_nationkey
    AND o_orderdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31'
    AND p_type = '${type}'
) AS all_nations
GROUP BY o_year
ORDER BY o_year`,
};
