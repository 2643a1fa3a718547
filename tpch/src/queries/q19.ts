import { brand } from "./draw.ts";
import type { Query } from "./query.ts";

/** Discounted Revenue (specification clause 2.4.19). */
export const q19: Query = {
  number: 19,
  orderBy: [],
  validation: () => ["Brand#12", "Brand#23", "Brand#34", "1", "10", "20"],
  draw({ stream }) {
    const brands = [brand(stream), brand(stream), brand(stream)];
    return [...brands, String(stream.between(1, 10)), String(stream.between(10, 20)), String(stream.between(20, 30))];
  },
  sql: ([
    brand1,
    brand2,
    brand3,
    quantity1,
    quantity2,
    quantity3,
  ]) => `SELECT sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM lineitem, part
WHERE (
    p_partkey = l_partkey
    AND p_brand = '${brand1}'
    AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
    AND l_quantity >= ${quantity1} AND l_quantity <= ${quantity1} + 10
    AND p_size BETWEEN 1 AND 5
    AND l_shipmode IN ('AIR', 'AIR REG')
    AND l_shipinstruct = 'DELIVER IN PERSON'
  )
  OR (
    p_partkey = l_partkey
    AND p_brand = '${brand2}'
    AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
    AND l_quantity >= ${quantity2} AND l_quantity <= ${quantity2} + 10
    AND p_size BETWEEN 1 AND 10
    AND l_shipmode IN ('AIR', 'AIR REG')
    AND l_shipinstruct = 'DELIVER IN PERSON'
  )
  OR (
    p_partkey = l_partkey
    AND p_brand = '${brand3}'
    AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
    AND l_quantity >= ${quantity3} AND l_quantity <= ${quantity3} + 10
    AND p_size BETWEEN 1 AND 15
    AND l_shipmode IN ('AIR', 'AIR REG')
    AND l_shipinstruct = 'DELIVER IN PERSON'
  )`,
};
