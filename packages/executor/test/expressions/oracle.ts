import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { type ColumnRef, type DataType, type Expression, typeName, type Value } from "@headcut/plan";
import { evaluate, Machine, type Outcome, placeColumns, type TestColumn } from "./machine.ts";
import { literal, sqlOf } from "./sql.ts";

/** A table of test rows in both engines: column i has id i. */
export interface TestTable {
  readonly columns: readonly TestColumn[];
  readonly rowCount: number;
}

export const testTable = (types: readonly DataType[], rows: readonly (readonly Value[])[]): TestTable => ({
  columns: types.map((type, id) => {
    const values = rows.map((row) => row[id] ?? null);
    return { column: { kind: "column", id, name: `c${id}`, type, nullable: values.includes(null) }, values };
  }),
  rowCount: rows.length,
});

export const columnsOf = (table: TestTable): ColumnRef[] => table.columns.map(({ column }) => column);

export interface CompareOptions {
  /** Relative difference of doubles still called equal (functions of mathematical libraries). */
  readonly tolerance?: number;
  /** Differences of type that are meant: the result is cast to our type in DuckDB. */
  readonly castResult?: boolean;
}

let connection: DuckDBConnection | undefined;

const duckdb = async (): Promise<DuckDBConnection> => {
  if (connection === undefined) {
    connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run("SET threads = 1; SET TimeZone = 'UTC'");
  }
  return connection;
};

/** What differs between our values and DuckDB's for the expressions over the table's rows; empty when nothing does. */
export const differences = async (
  table: TestTable,
  expressions: readonly Expression[],
  options: CompareOptions = {},
): Promise<string[]> => {
  const ours = evaluateAll(table, expressions);
  const theirs = await askDuckdb(table, expressions, options);
  const found: string[] = [];
  for (const [e, expression] of expressions.entries()) {
    let shown = 0;
    for (let row = 0; row < table.rowCount && shown < 5; row++) {
      const mine = ours[e]![row]!;
      const other = theirs[e]![row]!;
      if (sameOutcome(expression.type, mine, other, options.tolerance ?? 0)) continue;
      const inputs = table.columns.map(({ column, values }) => literal(column.type, values[row]!)).join(", ");
      found.push(`${sqlOf(expression)} for (${inputs}): ours ${show(mine)}, DuckDB ${show(other)}`);
      shown++;
    }
  }
  return found;
};

export const evaluateAll = (table: TestTable, expressions: readonly Expression[]): Outcome[][] => {
  const machine = new Machine();
  return evaluate(machine, placeColumns(machine, table.columns), table.rowCount, expressions);
};

/** `fails` stands for any error. */
type Expected = { readonly value: Value } | { readonly fails: true };

const askDuckdb = async (
  table: TestTable,
  expressions: readonly Expression[],
  options: CompareOptions,
): Promise<Expected[][]> => {
  const db = await duckdb();
  const names = table.columns.map(({ column }) => `c${column.id}`);
  const rows = Array.from(
    { length: table.rowCount },
    (_, row) =>
      `(${[row, ...table.columns.map(({ column, values }) => literal(column.type, values[row]!))].join(", ")})`,
  );
  const types = table.columns.map(({ column }) => `c${column.id} ${typeName(column.type)}`);
  await db.run(`CREATE OR REPLACE TEMP TABLE t (${["r INTEGER", ...types].join(", ")})`);
  for (let i = 0; i < rows.length; i += 500) {
    await db.run(`INSERT INTO t (${["r", ...names].join(", ")}) VALUES ${rows.slice(i, i + 500).join(", ")}`);
  }
  const result: Expected[][] = [];
  for (const expression of expressions) {
    const raw = sqlOf(expression);
    const sql = options.castResult === true ? `CAST(${raw} AS ${typeName(expression.type)})` : raw;
    const values = await column(db, `SELECT TRY(${sql}) FROM t ORDER BY r`, expression.type);
    // TRY gives NULL for an error: rows with a NULL are asked one by one which it is.
    const expected: Expected[] = values.map((value) => ({ value }));
    let whole = true;
    try {
      await db.run(`CREATE OR REPLACE TEMP TABLE ignored AS SELECT ${sql} AS x FROM t`);
    } catch {
      whole = false;
    }
    if (!whole) {
      for (const [row, value] of values.entries()) {
        if (value !== null) continue;
        try {
          await db.run(`CREATE OR REPLACE TEMP TABLE ignored AS SELECT ${sql} AS x FROM t WHERE r = ${row}`);
        } catch {
          expected[row] = { fails: true };
        }
      }
    }
    result.push(expected);
  }
  return result;
};

const column = async (db: DuckDBConnection, sql: string, type: DataType): Promise<Value[]> => {
  const reader = await db.runAndReadAll(sql);
  const actual = String(reader.columnType(0));
  if (type.kind !== "null" && actual !== typeName(type)) {
    throw new Error(`DuckDB's type is ${actual}, ours ${typeName(type)}: ${sql}`);
  }
  return reader.getColumns()[0]!.map((value) => fromDuckdb(type, value));
};

const fromDuckdb = (type: DataType, value: DuckDBValue): Value => {
  if (value === null || value === undefined) return null;
  const fields = value as unknown as Record<string, never>;
  switch (type.kind) {
    case "decimal":
      return fields.value!;
    case "date":
      return fields.days!;
    case "time":
    case "timestamp":
      return type.unit === "ns" ? (fields.nanos ?? fields.nanoseconds)! : fields.micros!;
    case "interval":
      return { months: fields.months!, days: fields.days!, micros: fields.micros! };
    case "blob":
      return fields.bytes!;
    case "uuid": {
      const hex = String(value).replaceAll("-", "");
      return new Uint8Array(hex.match(/../g)!.map((pair) => Number.parseInt(pair, 16)));
    }
    default:
      return value as Value;
  }
};

const sameOutcome = (type: DataType, mine: Outcome, other: Expected, tolerance: number): boolean => {
  if ("error" in mine) return "fails" in other;
  if ("fails" in other) return false;
  return sameValue(type, mine.value, other.value, tolerance);
};

const sameValue = (type: DataType, a: Value, b: Value, tolerance: number): boolean => {
  if (a === null || b === null) return a === b;
  if (typeof a === "number" && typeof b === "number" && (type.kind === "double" || type.kind === "float")) {
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
    return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  }
  if (typeof a === "object") return show({ value: a }) === show({ value: b });
  return typeof a === typeof b ? a === b : String(a) === String(b);
};

const show = (outcome: Outcome | Expected): string => {
  if ("error" in outcome) return `error ${outcome.error.code} (${outcome.error.message})`;
  if ("fails" in outcome) return "an error";
  const { value } = outcome;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value === "object" && value !== null) return `${value.months} ${value.days} ${value.micros}`;
  return typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : String(value);
};
