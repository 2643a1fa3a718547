import { partTypes, regions } from "../generator/word-lists.ts";
import { word } from "./draw.ts";
import type { Query } from "./query.ts";

/** Minimum Cost Supplier (specification clause 2.4.2). */
export const q02: Query = {
  number: 2,
  orderBy: [0, 2, 1, 3],
  validation: () => ["15", "BRASS", "EUROPE"],
  draw: ({ stream }) => [String(stream.between(1, 50)), word(partTypes, stream).split(" ")[2]!, word(regions, stream)],
  sql: ([size, metal, region]) => `SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment
FROM part, supplier, partsupp, nation, region
WHERE p_partkey = ps_partkey
  AND s_suppkey = ps_suppkey
  AND p_size = ${size}
  AND p_type LIKE '%${metal}'
  AND s_nationkey = n_nationkey
  AND n_regionkey = r_regionkey
  AND r_name = '${region}'
  AND ps_supplycost = (
    SELECT min(ps_supplycost)
    FROM partsupp, supplier, nation, region
    WHERE p_partkey = ps_partkey
      AND s_suppkey = ps_suppkey
      AND s_nationkey = n_nationkey
      AND n_regionkey = r_regionkey
      AND r_name = '${region}'
  )
ORDER BY s_acctbal DESC, n_name, s_name, p_partkey
LIMIT 100`,
};
