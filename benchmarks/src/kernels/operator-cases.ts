/** One operator on a table in memory, so that no file is read: its pipelines are timed by the engine itself. */
export interface OperatorCase {
  readonly name: string;
  readonly sql: string;
  /** The pipelines that count, by name; all if absent. */
  readonly pipeline?: RegExp;
  /** Rows that go in. */
  readonly rows: number;
}

const ROWS = 1_000_000;
const builds = [1_000, 50_000, 1_000_000];

/** Made once; `key` 0 … n - 1 in an order without locality. */
export const operatorTables: readonly string[] = [
  `CREATE TABLE numbers AS
     SELECT i AS id, (i * 7919) % 1000003 AS scattered, CAST((i * 31) % 100 AS INTEGER) AS percent,
       CAST((i * 104729) % 1000 AS INTEGER) AS thousand, (i * 15485863) % 50000 AS middle, 'name ' || (i * 31) % 100 AS name
     FROM range(${ROWS}) AS r(i)`,
  ...builds.map(
    (count) =>
      `CREATE TABLE build${count} AS SELECT (i * 7919) % 1000003 AS key, i AS value FROM range(${count}) AS r(i)`,
  ),
];

const filter = (percent: number): OperatorCase => ({
  name: `filter, ${percent} % pass`,
  sql: `SELECT sum(id) AS total FROM numbers WHERE percent < ${percent}`,
  rows: ROWS,
});

const probe = (count: number): OperatorCase => ({
  name: `probe of ${count} rows`,
  sql: `SELECT count(*) AS n, sum(value) AS total FROM numbers JOIN build${count} ON scattered = key`,
  pipeline: /^scan numbers/,
  rows: ROWS,
});

const build = (count: number): OperatorCase => ({
  name: `build of ${count} rows`,
  sql: `SELECT count(*) AS n, sum(value) AS total FROM numbers JOIN build${count} ON scattered = key`,
  pipeline: /build/,
  rows: count,
});

const aggregate = (key: string, groups: string): OperatorCase => ({
  name: `aggregate, ${groups} groups`,
  sql: `SELECT count(*) AS n, max(total) AS top FROM (SELECT ${key}, sum(id) AS total FROM numbers GROUP BY ${key}) AS g`,
  rows: ROWS,
});

export const operatorCases: readonly OperatorCase[] = [
  filter(1),
  filter(50),
  filter(99),
  {
    name: "filter, three predicates",
    sql: "SELECT sum(id) AS total FROM numbers WHERE percent < 50 AND thousand >= 300 AND scattered < 900000",
    rows: ROWS,
  },
  {
    name: "arithmetic, decimal",
    sql: "SELECT sum(CAST(percent AS DECIMAL(12, 2)) * (1 - CAST(thousand AS DECIMAL(12, 2)))) AS total FROM numbers",
    rows: ROWS,
  },
  { name: "LIKE '%e 7%'", sql: "SELECT count(*) AS n FROM numbers WHERE name LIKE '%e 7%'", rows: ROWS },
  ...builds.map(probe),
  ...builds.map(build),
  aggregate("percent", "100"),
  aggregate("name", "100 (strings)"),
  aggregate("middle", "50000"),
  aggregate("scattered", "1000000"),
  { name: "sort, integers", sql: "SELECT scattered FROM numbers ORDER BY scattered LIMIT 900000", rows: ROWS },
  {
    name: "sort, strings and integers",
    sql: "SELECT name, id FROM numbers ORDER BY name, id LIMIT 900000",
    rows: ROWS,
  },
  { name: "top 100", sql: "SELECT scattered, id FROM numbers ORDER BY scattered, id LIMIT 100", rows: ROWS },
];
