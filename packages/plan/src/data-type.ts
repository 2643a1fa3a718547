/**
 * The SQL types every package shares, as a tagged union. A type says what a value means; how it lies in linear
 * memory is the executor's business (`executor/src/layout/storage.ts`).
 */
export type DataType =
  /** The type of a bare `NULL`; it coerces to every other type. */
  | { readonly kind: "null" }
  | { readonly kind: "boolean" }
  | { readonly kind: IntegerKind }
  | { readonly kind: "float" }
  | { readonly kind: "double" }
  /** Exact: an integer of up to 38 digits times 10^-scale. HUGEINT, the type of `sum(BIGINT)`, is `decimal(38, 0)`. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  /** Days since 1970-01-01. */
  | { readonly kind: "date" }
  /** Time of day since midnight, in `unit`. */
  | { readonly kind: "time"; readonly unit: TimeUnit }
  /** Since 1970-01-01T00:00:00 in `unit`; `utc` marks TIMESTAMP WITH TIME ZONE (an instant, shown in UTC). */
  | { readonly kind: "timestamp"; readonly unit: TimeUnit; readonly utc: boolean }
  /** Months, days and microseconds, kept apart as PostgreSQL does. */
  | { readonly kind: "interval" }
  | { readonly kind: "varchar" }
  | { readonly kind: "blob" }
  | { readonly kind: "uuid" };

export type IntegerKind = "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64";
/** Coarser units (s, ms) are widened to microseconds when read; no precision is ever dropped. */
export type TimeUnit = "us" | "ns";
export type DataTypeKind = DataType["kind"];

export const nullType: DataType = { kind: "null" };
export const boolean: DataType = { kind: "boolean" };
export const int8: DataType = { kind: "int8" };
export const int16: DataType = { kind: "int16" };
export const int32: DataType = { kind: "int32" };
export const int64: DataType = { kind: "int64" };
export const uint8: DataType = { kind: "uint8" };
export const uint16: DataType = { kind: "uint16" };
export const uint32: DataType = { kind: "uint32" };
export const uint64: DataType = { kind: "uint64" };
export const float: DataType = { kind: "float" };
export const double: DataType = { kind: "double" };
export const date: DataType = { kind: "date" };
export const time: DataType = { kind: "time", unit: "us" };
export const timestamp: DataType = { kind: "timestamp", unit: "us", utc: false };
export const timestampTz: DataType = { kind: "timestamp", unit: "us", utc: true };
export const interval: DataType = { kind: "interval" };
export const varchar: DataType = { kind: "varchar" };
export const blob: DataType = { kind: "blob" };
export const uuid: DataType = { kind: "uuid" };
/** The result type of integer sums, wide enough for 2^64 BIGINTs. */
export const hugeint: DataType = { kind: "decimal", precision: 38, scale: 0 };

export const MAX_DECIMAL_PRECISION = 38;
/** Decimals up to this many digits fit a 64-bit integer. */
export const MAX_DECIMAL64_PRECISION = 18;

export const decimal = (precision: number, scale: number): DataType => ({ kind: "decimal", precision, scale });

export const sameType = (a: DataType, b: DataType): boolean => {
  if (a.kind !== b.kind) return false;
  if (a.kind === "decimal" && b.kind === "decimal") return a.precision === b.precision && a.scale === b.scale;
  if (a.kind === "time" && b.kind === "time") return a.unit === b.unit;
  if (a.kind === "timestamp" && b.kind === "timestamp") return a.unit === b.unit && a.utc === b.utc;
  return true;
};

const INTEGER_RANK: Record<IntegerKind, { readonly bits: number; readonly signed: boolean; readonly sqlName: string }> =
  {
    int8: { bits: 8, signed: true, sqlName: "TINYINT" },
    int16: { bits: 16, signed: true, sqlName: "SMALLINT" },
    int32: { bits: 32, signed: true, sqlName: "INTEGER" },
    int64: { bits: 64, signed: true, sqlName: "BIGINT" },
    uint8: { bits: 8, signed: false, sqlName: "UTINYINT" },
    uint16: { bits: 16, signed: false, sqlName: "USMALLINT" },
    uint32: { bits: 32, signed: false, sqlName: "UINTEGER" },
    uint64: { bits: 64, signed: false, sqlName: "UBIGINT" },
  };

export type IntegerType = Extract<DataType, { kind: IntegerKind }>;
export type DecimalType = Extract<DataType, { kind: "decimal" }>;

export const isInteger = (type: DataType): type is IntegerType => type.kind in INTEGER_RANK;
export const isDecimal = (type: DataType): type is DecimalType => type.kind === "decimal";
export const isFloating = (type: DataType): boolean => type.kind === "float" || type.kind === "double";
export const isNumeric = (type: DataType): boolean => isInteger(type) || isDecimal(type) || isFloating(type);
export const isTemporal = (type: DataType): boolean =>
  type.kind === "date" || type.kind === "time" || type.kind === "timestamp";

/** Width in bits and signedness of an integer type. */
export const integerLayout = (kind: IntegerKind): { readonly bits: number; readonly signed: boolean } =>
  INTEGER_RANK[kind];

/** Decimal digits that hold every value of the integer type: 3, 5, 10, 19 or 20. */
export const integerDigits = (kind: IntegerKind): number => {
  const { bits, signed } = INTEGER_RANK[kind];
  if (bits === 64) return signed ? 19 : 20;
  return { 8: 3, 16: 5, 32: 10 }[bits as 8 | 16 | 32];
};

/** The type as SQL spells it, as DuckDB's DESCRIBE does: `DECIMAL(15,2)`, `TIMESTAMP WITH TIME ZONE`. */
export const typeName = (type: DataType): string => {
  switch (type.kind) {
    case "null":
      return "NULL";
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "time":
      return type.unit === "ns" ? "TIME_NS" : "TIME";
    case "timestamp":
      if (type.utc) return "TIMESTAMP WITH TIME ZONE";
      return type.unit === "ns" ? "TIMESTAMP_NS" : "TIMESTAMP";
    case "boolean":
    case "float":
    case "double":
    case "date":
    case "interval":
    case "varchar":
    case "blob":
    case "uuid":
      return type.kind.toUpperCase();
    default:
      return INTEGER_RANK[type.kind].sqlName;
  }
};
