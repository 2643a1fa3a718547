/** In both engines. `same`: all rows equal; `skew`: nine of ten; `few`: with NULLs; `id`: none. */
export const TABLES = [
  `CREATE TABLE a AS SELECT i AS id, 7 AS same, CASE WHEN i % 10 < 9 THEN 3 ELSE i END AS skew, CASE WHEN i % 7 = 0 THEN NULL ELSE i % 500 END AS few,
    (i * 7919) % 30011 AS k, CASE WHEN i % 11 = 0 THEN NULL ELSE 'text ' || CAST((i * 104729) % 20011 AS VARCHAR) END AS s,
    CAST((i * 31) % 20000 AS DECIMAL(9, 2)) / 4 AS d64, CAST(i AS DECIMAL(38, 3)) * 1000003 AS d128, CAST(i AS DOUBLE) / 8 AS f,
    DATE '1992-01-01' + CAST(i % 2557 AS INTEGER) AS day, i % 3 = 0 AS flag, repeat('long ', CAST(i % 40 AS INTEGER)) || CAST(i AS VARCHAR) AS wide
    FROM generate_series(1, 24000) g(i)`,
  `CREATE TABLE b AS SELECT i AS id2, (i * 31) % 30011 AS k2, CASE WHEN i % 13 = 0 THEN NULL ELSE 'text ' || CAST((i * 17) % 20011 AS VARCHAR) END AS s2,
    CASE WHEN i % 10 < 9 THEN 3 ELSE i END AS skew2, CASE WHEN i % 9 = 0 THEN NULL ELSE i % 700 END AS few2, repeat('w', CAST(i % 30 AS INTEGER)) AS w2,
    CAST((i * 31) % 20000 AS DECIMAL(9, 2)) / 4 AS d2, CAST(i AS DECIMAL(38, 3)) * 1000003 AS e2
    FROM generate_series(1, 12000) g(i)`,
] as const;

interface Case {
  readonly sql: string;
  readonly ordered?: true;
  /** What it takes at least, instead of `FLOOR_BYTES`. */
  readonly floorBytes?: number;
}

export const sorts: Case[] = [
  "id DESC",
  "same, id",
  "skew, id",
  "few NULLS FIRST, id",
  "few DESC NULLS LAST, s, id",
  "s, id",
  "s DESC NULLS FIRST, wide",
  "d64 DESC, id",
  "d128",
  "f DESC",
  "day, flag, k, id",
  "wide",
  "k % 100, s NULLS FIRST, d64 DESC, id",
].map((keys) => ({ sql: `SELECT id, s, d128, few, wide FROM a ORDER BY ${keys}`, ordered: true }));

export const firstRows: Case[] = [
  "k DESC, id LIMIT 15000",
  "wide LIMIT 9000 OFFSET 9000",
  "few NULLS FIRST, s, id LIMIT 12000 OFFSET 23000",
  "s DESC, wide LIMIT 100000",
].map((keys) => ({ sql: `SELECT id, s, wide FROM a ORDER BY ${keys}`, ordered: true }));

export const groups: Case[] = [
  ...[
    "id",
    "same",
    "skew",
    "few",
    "s",
    "d64",
    "d128",
    "f",
    "day, flag",
    "wide",
    "k, few",
    "s, few, flag",
    "k % 100 + id",
  ].map((keys) => ({
    sql: `SELECT ${keys}, count(*), count(few), sum(d64), sum(d128), avg(f), min(s), max(wide), min(day), bool_or(flag) FROM a GROUP BY ${keys}`,
  })),
  { sql: "SELECT DISTINCT s, few FROM a" },
  { sql: "SELECT DISTINCT * FROM a" },
  { sql: "SELECT DISTINCT same FROM a" },
  { sql: "SELECT few, count(DISTINCT wide), count(DISTINCT k) FROM a GROUP BY few" },
  {
    sql: "SELECT few, median(id), string_agg(wide, '|' ORDER BY id), sum(id) FILTER (WHERE flag) FROM a GROUP BY few",
    // A text of 340 KB is there thrice: its parts, as the group's value, in the result.
    floorBytes: 4 << 20,
  },
  { sql: "SELECT s, median(d128), stddev_samp(f), any_value(same) FROM a GROUP BY s" },
  // Groups whose values alone are too many.
  {
    sql: "SELECT median(id), count(*), median(d64), min(wide), avg(f), median(id) FILTER (WHERE flag AND few > 3) FROM a",
  },
  { sql: "SELECT flag, median(d128), max(s), median(nullif(few, 7)), count(few) FROM a GROUP BY flag" },
  { sql: "SELECT few % 2 AS g, s IS NULL AS h, median(k), sum(id) FROM a GROUP BY few % 2, s IS NULL" },
  { sql: "SELECT median(k), count(*), string_agg(s, '|' ORDER BY s), sum(k) FROM a WHERE id < 0" },
  {
    sql: "SELECT flag, string_agg(s, ', ' ORDER BY id DESC), median(f), string_agg(s, '' ORDER BY s NULLS FIRST, id) FROM a WHERE id % 4 < 2 GROUP BY flag",
  },
  { sql: "SELECT length(string_agg(wide, '|' ORDER BY id)) FROM a WHERE id % 9 = 0" },
  { sql: "SELECT same, median(id + (SELECT count(*) FROM b)) FROM a GROUP BY same HAVING median(id) > 3" },
  { sql: "SELECT count(DISTINCT wide), count(DISTINCT k), median(id), sum(DISTINCT few) FROM a" },
  { sql: "SELECT wide FROM a INTERSECT SELECT wide FROM a WHERE flag" },
  { sql: "SELECT wide FROM a EXCEPT SELECT wide FROM a WHERE flag" },
];

export const joins: Case[] = [
  ...["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"].flatMap((join) =>
    ["k = k2", "s = s2", "k = k2 AND wide < s2", "d64 = d2 AND few = few2", "d128 = e2"].map((on) => ({
      sql: `SELECT id, id2, s, w2 FROM a ${join} b ON ${on}`,
    })),
  ),
  // One key has most rows on both sides: partitions do not help, turns do.
  {
    sql: "SELECT count(*), sum(id), sum(id2), max(w2) FROM (SELECT * FROM a WHERE id % 100 = 9 OR id % 1000 = 1) x JOIN b ON skew = skew2",
  },
  {
    sql: "SELECT id, count(id2) FROM (SELECT * FROM a WHERE id % 500 < 2) x LEFT JOIN b ON skew = skew2 AND id2 % 7000 = id GROUP BY id",
  },
  {
    sql: "SELECT count(id), count(id2), sum(id2) FROM (SELECT * FROM a WHERE id % 500 < 2) x FULL JOIN b ON skew = skew2 AND id2 < id",
  },
  { sql: "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE skew = skew2 AND id2 + id = 12500)" },
  { sql: "SELECT id FROM a WHERE id % 20 = 1 AND NOT EXISTS (SELECT 1 FROM b WHERE skew = skew2 AND id2 * 2 = id)" },
  { sql: "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE s = s2 AND id2 > id)" },
  { sql: "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE few = few2 AND id = id2)" },
  { sql: "SELECT id FROM a WHERE s NOT IN (SELECT s2 FROM b)" },
  { sql: "SELECT id FROM a WHERE s NOT IN (SELECT s2 FROM b WHERE s2 IS NOT NULL)" },
  { sql: "SELECT id, s IN (SELECT s2 FROM b) FROM a" },
  { sql: "SELECT id, s IN (SELECT s2 FROM b WHERE s2 IS NOT NULL) OR flag FROM a" },
  { sql: "SELECT id, few IN (SELECT few2 FROM b WHERE skew2 = skew AND id2 % 100 = 1) FROM a WHERE id % 10 = 0" },
  { sql: "SELECT id, (SELECT w2 FROM b WHERE id2 = k) FROM a" },
  { sql: "SELECT id, (SELECT max(w2) FROM b WHERE k2 = k) FROM a" },
  { sql: "SELECT count(*), sum(id + id2) FROM (SELECT * FROM a WHERE id % 100 = 0) x JOIN b ON id < id2" },
  { sql: "SELECT count(*) FROM (SELECT * FROM a WHERE id % 400 = 0) x CROSS JOIN b" },
  {
    sql: "SELECT x.id, x.wide, b.w2 FROM a JOIN b ON k = k2 JOIN a x ON x.id = b.id2 LEFT JOIN b y ON y.s2 = x.s ORDER BY 1, 2, 3, y.id2",
  },
  {
    sql: "WITH c AS (SELECT wide, count(*) AS n, max(id) AS m FROM a GROUP BY wide) SELECT x.wide, y.n FROM c x JOIN c y ON x.m = y.m",
  },
  { sql: "SELECT s, count(*) FROM a GROUP BY s UNION ALL SELECT s2, sum(id2) FROM b GROUP BY s2" },
];
