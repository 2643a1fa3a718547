import { containers } from "../generator/word-lists.ts";
import { brand, word } from "./draw.ts";
import type { Query } from "./query.ts";

/** Small-Quantity-Order Revenue (specification clause 2.4.17). */
export const q17: Query = {
  number: 17,
  orderBy: [],
  validation: () => ["Brand#23", "MED BOX"],
  draw: ({ stream }) => [brand(stream), word(containers, stream)],
  sql: ([brandName, container]) => `SELECT sum(l_extendedprice) / 7.0 AS avg_yearly
FROM lineitem, part
WHERE p_partkey = l_partkey
  AND p_brand = '${brandName}'
  AND p_container = '${container}'
  AND l_quantity < (
    SELECT 0.2 * avg(l_quantity)
    FROM lineitem
    WHERE l_partkey = p_partkey
  )`,
};
