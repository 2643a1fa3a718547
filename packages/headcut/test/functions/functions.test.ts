import type { DataType } from "@headcut/plan";
import { type Overload, type Parameter, SCALAR_FUNCTIONS } from "@headcut/planner";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle } from "../oracle.ts";

/** A table with two columns of every kind: values that most functions are defined for, and NULLs. */
const columns: Readonly<Record<string, readonly [type: string, first: readonly string[], second: readonly string[]]>> =
  {
    integer: ["INTEGER", ["7", "12"], ["2", "3"]],
    int32: ["INTEGER", ["65", "12"], ["2", "3"]],
    int64: ["BIGINT", ["5", "-3"], ["2", "3"]],
    decimal: ["DECIMAL(9,3)", ["12.345", "-0.500"], ["1.250", "2.500"]],
    float: ["FLOAT", ["0.5", "0.25"], ["1.5", "2"]],
    double: ["DOUBLE", ["0.5", "0.25"], ["1.5", "2"]],
    date: ["DATE", ["'2020-02-29'", "'1969-12-31'"], ["'2000-01-01'", "'2021-07-04'"]],
    time: ["TIME", ["'12:34:56.789'", "'00:00:00'"], ["'23:59:59.999999'", "'01:02:03'"]],
    timestamp: [
      "TIMESTAMP",
      ["'2020-02-29 12:34:56.789'", "'1969-12-31 23:59:59.999999'"],
      ["'2000-01-01'", "'2021-07-04 01:02:03'"],
    ],
    timestampTz: [
      "TIMESTAMPTZ",
      ["'2020-02-29 12:34:56.789+00'", "'1969-12-31 23:59:59+00'"],
      ["'2000-01-01 00:00:00+00'", "'2021-07-04 01:02:03+00'"],
    ],
    interval: ["INTERVAL", ["'14 months 3 days 04:05:06.7'", "'-1 day'"], ["'1 month'", "'1 hour'"]],
    varchar: ["VARCHAR", ["'héllo wörld'", "'abc'"], ["'l'", "'ab'"]],
    blob: ["BLOB", ["'\\x00ab'", "''"], ["'c'", "'d'"]],
  };

const kindOf = (parameter: Parameter): string => {
  if (parameter === "any" || parameter === "common") return "integer";
  if (typeof parameter === "string") return parameter;
  const type: DataType = parameter;
  return type.kind === "timestamp" && type.utc ? "timestampTz" : type.kind;
};

/** What has to be constant, or is only defined for some values. */
const literals: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  date_trunc: { 0: "$unit" },
  date_diff: { 0: "$unit" },
  date_sub: { 0: "$unit" },
  round: { 1: "1" },
  trunc: { 1: "1" },
  make_date: { 0: "2020 + integer_b", 1: "integer_b", 2: "integer_b" },
  make_time: { 0: "integer_b", 1: "integer_b", 2: "double_b" },
  make_timestamp: {
    0: "2020 + integer_b",
    1: "integer_b",
    2: "integer_b",
    3: "integer_b",
    4: "integer_b",
    5: "double_b",
  },
  chr: { 0: "int32_a" },
};

const callOf = (canonical: string, name: string, { params, rest }: Overload): string => {
  const kinds = params.map(kindOf);
  const unit = kinds.includes("time") ? "'hour'" : "'month'";
  const args = kinds.map(
    (kind, at) =>
      literals[canonical]?.[at]?.replace("$unit", unit) ?? `${kind}_${at === 0 || kinds[at - 1] !== kind ? "a" : "b"}`,
  );
  if (rest !== undefined) args.push(`${kindOf(rest)}_b`);
  return name === "||" ? args.join(" || ") : `${name === "logb" ? "log" : name}(${args.join(", ")})`;
};

const calls = SCALAR_FUNCTIONS.flatMap(({ name, aliases, overloads }) =>
  [name, ...aliases].flatMap((alias) => overloads.map((overload) => callOf(name, alias, overload))),
);

let db: Connection;
let oracle: Oracle;
beforeAll(async () => {
  db = await connect({ threads: 1 });
  oracle = await openOracle();
  const defined = Object.entries(columns).flatMap(([kind, [type]]) => [`${kind}_a ${type}`, `${kind}_b ${type}`]);
  const row = (at: number): string =>
    Object.values(columns)
      .flatMap(([, a, b]) => [a[at] ?? "NULL", b[at] ?? "NULL"])
      .join(", ");
  const mixed = Object.values(columns)
    .flatMap(([, a]) => [a[0]!, "NULL"])
    .join(", ");
  for (const sql of [
    `CREATE TABLE args (${defined.join(", ")})`,
    `INSERT INTO args VALUES (${row(0)}), (${row(1)}), (${row(2)}), (${mixed})`,
  ]) {
    await db.query(sql);
    await oracle.run(sql);
  }
});
afterAll(async () => {
  await db.close();
  oracle.close();
});

describe("every function of the catalogue, on columns, as DuckDB", () => {
  it.each([...new Set(calls)])("%s", async (call) => {
    const sql = `SELECT ${call} FROM args`;
    const expected = await oracle.query(sql).catch((cause: Error) => cause);
    const actual = await db.query(sql).catch((cause: unknown) => cause);
    if (expected instanceof Error) {
      expect(actual, expected.message).toBeInstanceOf(QueryError);
      expect((actual as QueryError).code).not.toBe("unsupported");
      return;
    }
    if (actual instanceof Error) throw actual;
    const text = (actual as Awaited<ReturnType<Connection["query"]>>).toText();
    expect(firstDifference(expected.types, expected.rows, text, true)).toBeUndefined();
  });
});
