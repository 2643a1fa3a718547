import { partTypes } from "../generator/word-lists.ts";
import { brand, shuffled, word } from "./draw.ts";
import type { Query } from "./query.ts";

const sizes = Array.from({ length: 50 }, (_, i) => i + 1);

/** Parts/Supplier Relationship (specification clause 2.4.16). */
export const q16: Query = {
  number: 16,
  orderBy: [3, 0, 1, 2],
  validation: () => ["Brand#45", "MEDIUM POLISHED", "49", "14", "23", "45", "19", "3", "36", "9"],
  draw({ stream }) {
    const brandName = brand(stream);
    const [finish, treatment] = word(partTypes, stream).split(" ");
    return [brandName, `${finish} ${treatment}`, ...shuffled(sizes, 8, stream)];
  },
  sql: ([brandName, type, ...sizes]) => `SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) AS supplier_cnt
FROM partsupp, part
WHERE p_partkey = ps_partkey
  AND p_brand <> '${brandName}'
  AND p_type NOT LIKE '${type}%'
  AND p_size IN (${sizes.join(", ")})
  AND ps_suppkey NOT IN (
    SELECT s_suppkey
    FROM supplier
    WHERE s_comment LIKE '%Customer%Complaints%'
  )
GROUP BY p_brand, p_type, p_size
ORDER BY supplier_cnt DESC, p_brand, p_type, p_size`,
};
