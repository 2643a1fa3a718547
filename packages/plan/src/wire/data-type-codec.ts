import { type DataType, type DataTypeKind, MAX_DECIMAL_PRECISION } from "../data-type.ts";
import type { Codec } from "./codec.ts";
import { malformed } from "./place.ts";

type PlainKind = Exclude<DataTypeKind, "decimal" | "time" | "timestamp">;

const PLAIN: Readonly<Record<PlainKind, DataType>> = {
  null: { kind: "null" },
  boolean: { kind: "boolean" },
  int8: { kind: "int8" },
  int16: { kind: "int16" },
  int32: { kind: "int32" },
  int64: { kind: "int64" },
  uint8: { kind: "uint8" },
  uint16: { kind: "uint16" },
  uint32: { kind: "uint32" },
  uint64: { kind: "uint64" },
  float: { kind: "float" },
  double: { kind: "double" },
  date: { kind: "date" },
  interval: { kind: "interval" },
  varchar: { kind: "varchar" },
  blob: { kind: "blob" },
  uuid: { kind: "uuid" },
};

const UNITS: Readonly<Record<string, DataType>> = {
  "time(us)": { kind: "time", unit: "us" },
  "time(ns)": { kind: "time", unit: "ns" },
  "timestamp(us)": { kind: "timestamp", unit: "us", utc: false },
  "timestamp(ns)": { kind: "timestamp", unit: "ns", utc: false },
  "timestamptz(us)": { kind: "timestamp", unit: "us", utc: true },
  "timestamptz(ns)": { kind: "timestamp", unit: "ns", utc: true },
};

const BY_NAME: ReadonlyMap<string, DataType> = new Map([...Object.entries(PLAIN), ...Object.entries(UNITS)]);
const DECIMAL = /^decimal\((0|[1-9][0-9]?),(0|[1-9][0-9]?)\)$/;

const nameOf = (type: DataType): string => {
  switch (type.kind) {
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "time":
      return `time(${type.unit})`;
    case "timestamp":
      return `timestamp${type.utc ? "tz" : ""}(${type.unit})`;
    default:
      return type.kind;
  }
};

/** A type is one word: `int32`, `decimal(15,2)`, `timestamptz(us)`. Half of a plan's nodes are types. */
export const dataType: Codec<DataType> = {
  encode: nameOf,
  decode: (json, place) => {
    if (typeof json === "string") {
      const known = BY_NAME.get(json);
      if (known !== undefined) return known;
      const [, precisionText, scaleText] = DECIMAL.exec(json) ?? [];
      const [precision, scale] = [Number(precisionText), Number(scaleText)];
      if (precision >= 1 && precision <= MAX_DECIMAL_PRECISION && scale <= precision) {
        return { kind: "decimal", precision, scale };
      }
    }
    throw malformed(place, "a data type");
  },
};
