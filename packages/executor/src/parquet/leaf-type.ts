import {
  boolean,
  type DataType,
  type DataTypeKind,
  date,
  decimal,
  double,
  float,
  type IntegerKind,
  int32,
  int64,
  interval,
  MAX_DECIMAL_PRECISION,
  nullType,
  timestamp,
  unreachable,
  uuid,
  varchar,
} from "@headcut/plan";
import type { ConvertedType, LogicalType, PhysicalType, SchemaElement } from "./format.ts";

export interface LeafType {
  readonly type: DataType;
  readonly timeFactor: 1 | 1000;
  readonly float16: boolean;
}

const plain = (type: DataType): LeafType => ({ type, timeFactor: 1, float16: false });

/** The SQL type of a leaf, as DuckDB's reader chooses it, or why we do not read it. */
export const leafType = (element: SchemaElement, physical: PhysicalType): LeafType | string => {
  if (physical === "FIXED_LEN_BYTE_ARRAY" && (element.typeLength <= 0 || element.typeLength > MAX_TYPE_LENGTH))
    return `a FIXED_LEN_BYTE_ARRAY of ${element.typeLength} bytes is not supported`;
  const logical = element.logicalType ?? fromConverted(element);
  const annotated = logical === undefined ? undefined : annotatedType(logical, element, physical);
  return annotated ?? plain(physicalDefault(physical));
};

const MAX_TYPE_LENGTH = 1 << 24;

const physicalDefault = (physical: PhysicalType): DataType => {
  switch (physical) {
    case "BOOLEAN":
      return boolean;
    case "INT32":
      return int32;
    case "INT64":
      return int64;
    // Only ever used for timestamps (Impala, Spark); nanoseconds are cut to microseconds, as DuckDB does.
    case "INT96":
      return timestamp;
    case "FLOAT":
      return float;
    case "DOUBLE":
      return double;
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
      return { kind: "blob" };
    default:
      return unreachable(physical);
  }
};

type Annotation = LogicalType | { readonly kind: "INTERVAL" };

/** The old annotation, said in terms of the new one. Timestamps without the new annotation are local, as DuckDB has it. */
const fromConverted = (element: SchemaElement): Annotation | undefined => {
  const converted = element.convertedType;
  switch (converted) {
    case undefined:
    case "MAP":
    case "MAP_KEY_VALUE":
    case "LIST":
      return undefined;
    case "UTF8":
      return { kind: "STRING" };
    case "ENUM":
    case "JSON":
    case "BSON":
    case "DATE":
    case "INTERVAL":
      return { kind: converted };
    case "DECIMAL":
      return { kind: "DECIMAL", precision: element.precision, scale: element.scale };
    case "TIME_MILLIS":
    case "TIME_MICROS":
      return { kind: "TIME", unit: converted === "TIME_MILLIS" ? "MILLIS" : "MICROS", utc: false };
    case "TIMESTAMP_MILLIS":
    case "TIMESTAMP_MICROS":
      return { kind: "TIMESTAMP", unit: converted === "TIMESTAMP_MILLIS" ? "MILLIS" : "MICROS", utc: false };
    default:
      return integerAnnotation(converted);
  }
};

type IntegerConverted = Extract<ConvertedType, `INT_${string}` | `UINT_${string}`>;

const integerAnnotation = (converted: IntegerConverted): LogicalType => {
  const [sign, bits] = converted.split("_");
  return { kind: "INTEGER", bitWidth: Number(bits), signed: sign === "INT" };
};

/** Undefined: the annotation says nothing about how to read the values. */
const annotatedType = (
  logical: Annotation,
  element: SchemaElement,
  physical: PhysicalType,
): LeafType | string | undefined => {
  const misfit = `${logical.kind} does not fit the physical type ${physical}`;
  switch (logical.kind) {
    case "STRING":
    case "ENUM":
    case "JSON":
      if (physical === "BYTE_ARRAY" || physical === "FIXED_LEN_BYTE_ARRAY") return plain(varchar);
      return misfit;
    case "BSON":
    case "OTHER":
      return undefined;
    case "UNKNOWN":
      return plain(nullType);
    case "DATE":
      return physical === "INT32" ? plain(date) : misfit;
    case "UUID":
      return physical === "FIXED_LEN_BYTE_ARRAY" && element.typeLength === 16 ? plain(uuid) : misfit;
    case "INTERVAL":
      return physical === "FIXED_LEN_BYTE_ARRAY" && element.typeLength === 12 ? plain(interval) : misfit;
    case "FLOAT16":
      if (physical !== "FIXED_LEN_BYTE_ARRAY" || element.typeLength !== 2) return misfit;
      return { type: float, timeFactor: 1, float16: true };
    case "INTEGER": {
      const type = integerTypes[`${logical.signed ? "int" : "uint"}${logical.bitWidth}`];
      if (type === undefined || physical !== (logical.bitWidth === 64 ? "INT64" : "INT32")) return misfit;
      return plain(type);
    }
    case "DECIMAL":
      return decimalType(logical.precision, logical.scale, physical);
    case "TIME":
    case "TIMESTAMP":
      if (physical !== (logical.kind === "TIME" && logical.unit === "MILLIS" ? "INT32" : "INT64")) return misfit;
      return temporalType(logical);
    default:
      return unreachable(logical);
  }
};

const decimalType = (precision: number, scale: number, physical: PhysicalType): LeafType | string => {
  if (physical === "BOOLEAN" || physical === "INT96" || physical === "FLOAT" || physical === "DOUBLE")
    return `DECIMAL does not fit the physical type ${physical}`;
  if (precision < 1 || precision > MAX_DECIMAL_PRECISION || scale < 0 || scale > precision)
    return `DECIMAL(${precision},${scale}) is not supported`;
  return plain(decimal(precision, scale));
};

const temporalType = (logical: Extract<LogicalType, { kind: "TIME" | "TIMESTAMP" }>): LeafType => {
  const unit = logical.unit === "NANOS" ? "ns" : "us";
  const timeFactor = logical.unit === "MILLIS" ? 1000 : 1;
  if (logical.kind === "TIME") return { type: { kind: "time", unit }, timeFactor, float16: false };
  return { type: { kind: "timestamp", unit, utc: logical.utc }, timeFactor, float16: false };
};

const integerKinds: readonly IntegerKind[] = [
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
] satisfies DataTypeKind[];
const integerTypes: Readonly<Record<string, DataType>> = Object.fromEntries(
  integerKinds.map((kind) => [kind, { kind }]),
);
