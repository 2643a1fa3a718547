import { random, type Shape } from "./shape.ts";

/** Group-bys with about as many groups as a third of the rows, on keys without locality. */
export const manyGroups: Shape = {
  tables: [
    {
      name: "readings",
      rows: (million) => `
        SELECT CAST(hash(${random(1, million(1))}) % 9000000000000000000 AS BIGINT) AS sensor,
          CAST(${random(2, 40_000)} AS INTEGER) AS site, CAST(${random(3, 500)} AS SMALLINT) AS kind,
          CAST(${random(4, 10_000_000)} / 100 AS DECIMAL(12, 2)) AS amount, ${random(5, 1_000_000)} / 7.0 AS level,
          DATE '2020-01-01' + CAST(${random(6, 1500)} AS INTEGER) AS day
        FROM range(${million(3)}) AS r(i)`,
    },
  ],
  queries: {
    "many-groups": `SELECT count(*) AS groups, max(n) AS largest, max(total) AS top
      FROM (SELECT sensor, count(*) AS n, sum(amount) AS total FROM readings GROUP BY sensor) AS g`,
    "many-groups-top": `SELECT sensor, sum(amount) AS total, avg(level) AS mean FROM readings GROUP BY sensor
      ORDER BY total DESC, sensor LIMIT 10`,
    "many-groups-two-keys": `SELECT count(*) AS groups, max(total) AS top
      FROM (SELECT site, kind, sum(amount) AS total FROM readings GROUP BY site, kind) AS g`,
    "many-distinct": "SELECT count(DISTINCT sensor) AS sensors, count(DISTINCT site) AS sites FROM readings",
    "many-days":
      "SELECT day, count(DISTINCT site) AS sites, sum(amount) AS total FROM readings GROUP BY day ORDER BY day",
    "many-sorted":
      "SELECT sensor, amount FROM readings WHERE kind < 50 ORDER BY amount DESC, sensor, site, day, level LIMIT 5000",
  },
};
