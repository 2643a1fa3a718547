import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type LogicalPlan, outputColumns, type Table, type TypedValue, typeName, type Value } from "@headcut/plan";
import { bind } from "../src/bind/bind.ts";
import type { BindContext } from "../src/bind/bind-context.ts";
import { castValue } from "../src/fold/cast-value.ts";
import { formatValue } from "../src/fold/format-value.ts";
import { dataTypeOf } from "../src/syntax/data-type-of.ts";
import { parseStatement } from "../src/syntax/parse.ts";
import type { Data } from "./run-logical.ts";

/** A table for both engines: columns as `name TYPE [NOT NULL]`, rows as DuckDB's literals would be cast from text. */
export interface TestTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const columnOf = (text: string) => {
  const [name, ...words] = text.split(" ");
  const nullable = !text.endsWith("NOT NULL");
  const [type, args] = (nullable ? words : words.slice(0, -2)).join(" ").split("(");
  const range = { start: 0, end: 0 };
  const numbers = args === undefined ? [] : args.replace(")", "").split(",").map(Number);
  return { name: name!, type: dataTypeOf({ kind: "typeName", name: type!.trim(), args: numbers, range }), nullable };
};

const tableOf = ({ name, columns, rows }: TestTable): Table => ({
  name,
  columns: columns.map(columnOf),
  rowCount: rows.length,
  source: { kind: "memory", tableId: 0 },
});

/** 2024-02-29T12:34:56.789Z */
const NOW = 1709210096789000n;

export const contextOf = (tables: readonly TestTable[], parameters: BindContext["parameters"] = []): BindContext => {
  const known = new Map(tables.map((table) => [table.name.toLowerCase(), tableOf(table)]));
  return {
    lookupTable: (reference) =>
      reference.kind === "name" ? known.get(reference.parts.at(-1)!.toLowerCase()) : undefined,
    tableNames: () => known.keys(),
    parameters,
    nowMicros: NOW,
  };
};

/** The contents of the tables for the interpreter of logical plans. */
export const dataOf = (tables: readonly TestTable[]): Data =>
  Object.fromEntries(
    tables.map((table) => {
      const { columns } = tableOf(table);
      const cell = (text: string | null, i: number): Value => castValue(text, { kind: "varchar" }, columns[i]!.type);
      return [table.name, table.rows.map((row) => row.map(cell))];
    }),
  );

/** DuckDB with the same tables. */
export const duckdbWith = async (tables: readonly TestTable[]): Promise<DuckDBConnection> => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  for (const { name, columns, rows } of tables) {
    await connection.run(`CREATE TABLE ${name} (${columns.join(", ")})`);
    if (rows.length === 0) continue;
    const cell = (text: string | null): string => (text === null ? "NULL" : `'${text.replaceAll("'", "''")}'`);
    await connection.run(`INSERT INTO ${name} VALUES ${rows.map((row) => `(${row.map(cell).join(", ")})`).join(", ")}`);
  }
  return connection;
};

/** The plan of a query. */
export const planOf = (sql: string, context: BindContext): LogicalPlan => {
  const bound = bind(parseStatement(sql), context);
  if (bound.kind !== "query") throw new Error(`${sql} is no query`);
  return bound.plan;
};

/** The types of a query's columns as both engines spell them; DuckDB's HUGEINT is our DECIMAL(38,0). */
export const ourTypes = (sql: string, context: BindContext): readonly string[] =>
  outputColumns(planOf(sql, context)).map(({ type }) => typeName(type));

export const duckdbTypes = async (sql: string, connection: DuckDBConnection): Promise<readonly string[]> => {
  const rows = (await connection.runAndReadAll(`DESCRIBE ${sql}`)).getRowsJson();
  return rows.map(([, type]) => (type === "HUGEINT" ? "DECIMAL(38,0)" : String(type)));
};

/** A value as DuckDB's cast to VARCHAR writes it. */
export const textOf = ({ type, value }: TypedValue): string | null => formatValue(type, value) ?? null;
