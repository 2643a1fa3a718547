import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { Cell } from "./read-back.ts";

let connection: Promise<DuckDBConnection> | undefined;

/** One DuckDB for all tests of a file, on one thread so that files come out the same every time. */
export const duckdb = (): Promise<DuckDBConnection> => {
  connection ??= DuckDBInstance.create(":memory:", { threads: "1" }).then((instance) => instance.connect());
  return connection;
};

const toCell = (value: DuckDBValue): Cell => {
  if (value === null || typeof value === "boolean" || typeof value === "string" || typeof value === "bigint")
    return value;
  if (typeof value === "number") return value;
  if (value instanceof DuckDBDecimalValue) return value.value;
  if (value instanceof DuckDBDateValue) return BigInt(value.days);
  if (value instanceof DuckDBTimeValue) return value.micros;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos;
  if (value instanceof DuckDBIntervalValue) return `${value.months}/${value.days}/${value.micros}`;
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("hex");
  if (value instanceof DuckDBUUIDValue) return value.toString().replaceAll("-", "");
  throw new Error(`no cell for ${value.constructor.name}`);
};

/** All rows of a query, by column; integers as bigint, as `readBack` gives them. */
export const duckdbColumns = async (sql: string): Promise<Cell[][]> => {
  const reader = await (await duckdb()).runAndReadAll(sql);
  const types = reader.columnTypes().map(String);
  return reader.getColumns().map((column, index) =>
    column.map((value) => {
      const cell = toCell(value);
      const isFloat = types[index] === "FLOAT" || types[index] === "DOUBLE";
      return typeof cell === "number" && !isFloat ? BigInt(cell) : cell;
    }),
  );
};
