import type { DuckDBConnection } from "@duckdb/node-api";
import { QueryError } from "@headcut/plan";
import { beforeAll, expect, test } from "vitest";
import { contextOf, duckdbTypes, duckdbWith, ourTypes, type TestTable } from "./bind-against-duckdb.ts";

const TYPES = {
  bo: "BOOLEAN",
  i8: "TINYINT",
  i16: "SMALLINT",
  i32: "INTEGER",
  i64: "BIGINT",
  u8: "UTINYINT",
  u16: "USMALLINT",
  u32: "UINTEGER",
  u64: "UBIGINT",
  f: "FLOAT",
  d: "DOUBLE",
  d42: "DECIMAL(4,2)",
  d92: "DECIMAL(9,2)",
  d152: "DECIMAL(15,2)",
  d184: "DECIMAL(18,4)",
  d1818: "DECIMAL(18,18)",
  d386: "DECIMAL(38,6)",
  dt: "DATE",
  ti: "TIME",
  ts: "TIMESTAMP",
  tns: "TIMESTAMP_NS",
  tz: "TIMESTAMPTZ",
  iv: "INTERVAL",
  s: "VARCHAR",
  b: "BLOB",
  u: "UUID",
};
const NAMES = Object.keys(TYPES);
const ROW: TestTable = {
  name: "t",
  columns: NAMES.map((name) => `${name} ${TYPES[name as keyof typeof TYPES]}`),
  rows: [],
};
const context = contextOf([ROW]);
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await duckdbWith([ROW]);
});

const ours = (sql: string): string => {
  try {
    return ourTypes(sql, context).join(", ");
  } catch (error) {
    if (error instanceof QueryError) return "error";
    throw error;
  }
};

const theirs = async (sql: string): Promise<string> => {
  try {
    return (await duckdbTypes(sql, connection)).join(", ");
  } catch {
    return "error";
  }
};

/** `expression → type` for all, so that a failure shows every difference at once. */
const agree = async (expressions: readonly string[]): Promise<void> => {
  const mine: string[] = [];
  const peer: string[] = [];
  for (const expression of expressions) {
    const sql = `SELECT ${expression} FROM t`;
    mine.push(`${expression} → ${ours(sql)}`);
    peer.push(`${expression} → ${await theirs(sql)}`);
  }
  expect(mine.filter((line) => !peer.includes(line))).toEqual(peer.filter((line) => !mine.includes(line)));
};

const pairs = (form: (a: string, b: string) => string): readonly string[] =>
  NAMES.flatMap((a) => NAMES.map((b) => form(a, b)));

test.each(["+", "-", "*", "/", "//", "%"])("a %s b has DuckDB's type for every pair of types", async (op) => {
  await agree(pairs((a, b) => `${a} ${op} ${b}`));
});

test("a || b has DuckDB's type for every pair of types", async () => {
  await agree(pairs((a, b) => `${a} || ${b}`));
});

test.each(["coalesce(A, B)", "CASE WHEN bo THEN A ELSE B END", "greatest(A, B)"])(
  "%s has DuckDB's type for every pair of types",
  async (form) => {
    await agree(pairs((a, b) => form.replace("A", a).replace("B", b)));
  },
);

test("literals adapt to their company as in DuckDB", async () => {
  const literals = ["1", "-1", "1000", "3000000000", "10000000000000000000", "1.5", "0.05", ".5", "1e3", "true"];
  // A constant that its type cannot hold is refused right away, where DuckDB waits for a row.
  const names = NAMES.filter((name) => !["ti", "b", "u", "d1818"].includes(name));
  const ops = ["+", "-", "*", "/", "//", "%"];
  await agree(literals.flatMap((literal) => names.flatMap((name) => ops.map((op) => `${name} ${op} ${literal}`))));
  await agree(literals.flatMap((literal) => names.map((name) => `coalesce(${name}, ${literal})`)));
  await agree(literals);
});

test("NULL takes its partner's type", async () => {
  await agree(["i8", "i64", "u16", "f", "d"].flatMap((name) => ["+", "-", "*", "%"].map((op) => `${name} ${op} NULL`)));
  await agree(["dt + NULL", "iv * NULL", "iv / NULL", "NULL * iv", "i32 / NULL", "d152 / NULL"]);
  await agree(NAMES.map((name) => `coalesce(NULL, ${name})`));
});

test("unions have DuckDB's types", async () => {
  const groups = [
    ["bo", "i8", "i16", "u16", "i64", "u64", "f", "d", "d152", "d386", "s", "NULL"],
    ["dt", "ts", "tns", "s", "NULL"],
    ["tz", "dt", "ts", "s"],
    ["b", "s"],
    ["u", "s"],
    ["iv", "s"],
  ];
  const queries = groups.flatMap((names) =>
    names.flatMap((a) => names.map((b) => `SELECT ${a} FROM t UNION ALL SELECT ${b} FROM t`)),
  );
  const expected: string[] = [];
  for (const sql of queries) expected.push(`${sql} → ${await theirs(sql)}`);
  expect(queries.map((sql) => `${sql} → ${ours(sql)}`)).toEqual(expected);
});

const ONE_ARGUMENT =
  "abs sign ceil floor round trunc sqrt exp ln log10 length strlen octet_length lower upper reverse trim ascii chr year month day hour second epoch last_day dayname to_days to_seconds isnan typeof -".split(
    " ",
  );

test("functions of one argument take and give DuckDB's types", async () => {
  await agree(ONE_ARGUMENT.flatMap((name) => NAMES.map((arg) => `${name}(${arg})`)));
});

test("aggregates have DuckDB's types", async () => {
  const names = "count sum min max stddev var_pop any_value bool_and string_agg".split(" ");
  await agree(names.flatMap((name) => NAMES.map((arg) => `${name}(${arg})`)));
  const numbers = NAMES.filter((name) => !["dt", "ti", "ts", "tns", "tz", "iv"].includes(name));
  await agree(numbers.map((arg) => `avg(${arg})`));
  await agree(["i8", "u64", "f", "d", "d152"].map((arg) => `median(${arg})`));
});
