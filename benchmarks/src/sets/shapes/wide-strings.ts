import { random, type Shape } from "./shape.ts";

const DISTINCT = 60_000;

/** Keys of 40 to 160 bytes that differ late, as addresses of web pages do. */
export const wideStrings: Shape = {
  tables: [
    {
      name: "visits",
      rows: (million) => `
        SELECT 'https://www.example.org/a/section/with/a/long/path/' || repeat('segment/', page % 12) || 'page-' || page AS url,
          'Mozilla/5.0 (agent ' || ${random(2, 500)} || ') AppleWebKit/537.36 (KHTML, like Gecko)' AS agent,
          CAST(${random(3, 100_000)} AS INTEGER) AS duration, i AS visit
        FROM (SELECT i, ${random(1, DISTINCT)} AS page FROM range(${million(2)}) AS r(i))`,
    },
  ],
  queries: {
    "wide-keys":
      "SELECT url, count(*) AS n, sum(duration) AS total FROM visits GROUP BY url ORDER BY n DESC, url LIMIT 20",
    "wide-two-keys": `SELECT count(*) AS groups, max(n) AS largest
      FROM (SELECT url, agent, count(*) AS n FROM visits WHERE visit % 4 = 0 GROUP BY url, agent) AS g`,
    "wide-distinct":
      "SELECT agent, count(DISTINCT url) AS pages FROM visits GROUP BY agent ORDER BY pages DESC, agent LIMIT 20",
    "wide-like": "SELECT count(*) AS n, min(url) AS first FROM visits WHERE url LIKE '%segment/segment/page-1%7'",
    "wide-join": `SELECT count(*) AS n, sum(v.duration) AS total
      FROM visits AS v JOIN (SELECT url FROM visits GROUP BY url HAVING sum(duration) > 1600000) AS b ON v.url = b.url`,
    "wide-top": "SELECT url, visit FROM visits ORDER BY url DESC, visit LIMIT 100",
  },
};
