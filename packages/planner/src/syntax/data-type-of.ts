import {
  blob,
  boolean,
  type DataType,
  date,
  decimal,
  double,
  float,
  hugeint,
  int8,
  int16,
  int32,
  int64,
  interval,
  MAX_DECIMAL_PRECISION,
  QueryError,
  time,
  timestamp,
  timestampTz,
  uint8,
  uint16,
  uint32,
  uint64,
  uuid,
  varchar,
} from "@headcut/plan";
import { didYouMean } from "./suggest.ts";
import type { TypeName } from "./tree.ts";

const names = (type: DataType, ...words: readonly string[]): [string, DataType][] => words.map((word) => [word, type]);

/** Types and their aliases as DuckDB's `duckdb_types()` lists them; DECIMAL and VARCHAR take arguments. */
const types: ReadonlyMap<string, DataType> = new Map([
  ...names(boolean, "BOOLEAN", "BOOL", "LOGICAL"),
  ...names(int8, "TINYINT", "INT1"),
  ...names(int16, "SMALLINT", "INT2", "INT16", "SHORT"),
  ...names(int32, "INTEGER", "INT", "INT4", "INT32", "SIGNED", "INTEGRAL"),
  ...names(int64, "BIGINT", "INT8", "INT64", "LONG", "OID"),
  ...names(hugeint, "HUGEINT", "INT128"),
  ...names(uint8, "UTINYINT", "UINT8"),
  ...names(uint16, "USMALLINT", "UINT16"),
  ...names(uint32, "UINTEGER", "UINT32"),
  ...names(uint64, "UBIGINT", "UINT64"),
  ...names(float, "FLOAT", "FLOAT4", "REAL"),
  ...names(double, "DOUBLE", "DOUBLE PRECISION", "FLOAT8"),
  ...names(decimal(18, 3), "DECIMAL", "NUMERIC", "DEC"),
  ...names(date, "DATE"),
  ...names(time, "TIME", "TIME WITHOUT TIME ZONE"),
  ...names(timestamp, "TIMESTAMP", "DATETIME", "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP_US"),
  ...names({ kind: "timestamp", unit: "ns", utc: false }, "TIMESTAMP_NS"),
  ...names(timestampTz, "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"),
  ...names(interval, "INTERVAL"),
  ...names(varchar, "VARCHAR", "TEXT", "STRING", "CHAR", "BPCHAR", "CHARACTER", "CHARACTER VARYING", "CHAR VARYING"),
  ...names(varchar, "NVARCHAR"),
  ...names(blob, "BLOB", "BYTEA", "BINARY", "VARBINARY"),
  ...names(uuid, "UUID"),
]);

/** Known to DuckDB or PostgreSQL and not held by any column here. */
const unsupported = new Set([
  ...["UHUGEINT", "UINT128", "BIT", "BITSTRING", "VARINT", "BIGNUM", "TIMETZ", "TIME WITH TIME ZONE", "TIME_NS"],
  ...["TIMESTAMP_MS", "TIMESTAMP_S"],
  ...["JSON", "STRUCT", "ROW", "MAP", "UNION", "LIST", "ENUM", "ARRAY", "GEOMETRY", "VARIANT"],
]);

/**
 * The type a name stands for. DECIMAL alone is DECIMAL(18,3), DECIMAL(p) has scale 0, and the length of VARCHAR(n) is read and
 * ignored, all as in DuckDB. Throws QueryError "unsupported", "syntax" for an unknown name or wrong arguments.
 */
export const dataTypeOf = (typeName: TypeName): DataType => {
  const type = types.get(typeName.name);
  if (type === undefined) throw unknownType(typeName);
  if (typeName.args.length === 0) return type;
  if (type.kind === "decimal" && type !== hugeint) return decimalOf(typeName);
  if (type.kind === "varchar" && typeName.args.length === 1) return type;
  throw new QueryError("syntax", `${typeName.name} takes no such arguments`, { range: typeName.range });
};

const decimalOf = ({ args, range }: TypeName): DataType => {
  const [precision = 0, scale = 0, ...more] = args;
  const isValid = Number.isInteger(precision) && Number.isInteger(scale) && more.length === 0;
  if (isValid && precision >= 1 && precision <= MAX_DECIMAL_PRECISION && scale <= precision) {
    return decimal(precision, scale);
  }
  throw new QueryError("syntax", `DECIMAL(${args.join(",")}) is not a type`, {
    range,
    hint: `the precision goes from 1 to ${MAX_DECIMAL_PRECISION}, the scale from 0 to the precision`,
  });
};

const unknownType = ({ name, range }: TypeName): QueryError => {
  if (unsupported.has(name)) return new QueryError("unsupported", `the type ${name} is not supported`, { range });
  const hint = didYouMean(name, types.keys());
  return new QueryError("syntax", `there is no type named ${name}`, { range, ...(hint === undefined ? {} : { hint }) });
};
