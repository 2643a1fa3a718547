import { newYear } from "./draw.ts";
import type { Query } from "./query.ts";

/** Forecasting Revenue Change (specification clause 2.4.6). */
export const q06: Query = {
  number: 6,
  orderBy: [],
  validation: () => ["1994-01-01", "0.06", "24"],
  draw: ({ stream }) => [newYear(stream), `0.0${stream.between(2, 9)}`, String(stream.between(24, 25))],
  sql: ([date, discount, quantity]) => `SELECT sum(l_extendedprice * l_discount) AS revenue
FROM lineitem
WHERE l_shipdate >= DATE '${date}'
  AND l_shipdate < DATE '${date}' + INTERVAL '1' YEAR
  AND l_discount BETWEEN ${discount} - 0.01 AND ${discount} + 0.01
  AND l_quantity < ${quantity}`,
};
