import { random, type Shape } from "./shape.ts";

/** Half of all sales are of one item in a thousand; some items are listed many times. */
export const skewedJoins: Shape = {
  tables: [
    {
      name: "sales",
      rows: (million) => `
        SELECT i AS sale,
          CASE WHEN ${random(1, 2)} = 0 THEN ${random(2, Math.ceil(million(0.0002)))} ELSE ${random(3, million(0.2))} END AS item,
          CAST(${random(4, 10_000)} / 100 AS DECIMAL(10, 2)) AS price
        FROM range(${million(3)}) AS r(i)`,
    },
    {
      name: "items",
      rows: (million) => `
        SELECT i AS item, CAST(${random(5, 25)} AS INTEGER) AS family, 'item ' || i AS label
        FROM range(${million(0.2)}) AS r(i)`,
    },
    {
      name: "listings",
      rows: (million) => `
        SELECT CASE WHEN i % 50 = 0 THEN 10 + i % 7 ELSE ${random(7, million(0.2))} END AS item, i AS listing
        FROM range(${million(0.02)}) AS r(i)`,
    },
  ],
  queries: {
    "skew-join": `SELECT family, count(*) AS n, sum(price) AS total FROM sales JOIN items ON sales.item = items.item
      GROUP BY family ORDER BY family`,
    "skew-many-to-many": `SELECT count(*) AS pairs, sum(price) AS total, max(listing) AS last
      FROM sales JOIN listings ON sales.item = listings.item WHERE sale % 8 = 0`,
    "skew-top-items": `SELECT label, count(*) AS n FROM sales JOIN items ON sales.item = items.item
      GROUP BY label ORDER BY n DESC, label LIMIT 10`,
    "skew-semi": "SELECT count(*) AS n, sum(price) AS total FROM sales WHERE item IN (SELECT item FROM listings)",
    "skew-anti": `SELECT count(*) AS n, max(sale) AS last FROM sales
      WHERE NOT EXISTS (SELECT 1 FROM listings WHERE listings.item = sales.item)`,
    "skew-self": `SELECT count(*) AS n FROM listings AS a JOIN listings AS b ON a.item = b.item AND a.listing < b.listing`,
  },
};
