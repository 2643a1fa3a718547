import { type Column, type DataType, unreachable } from "@headcut/plan";
import type * as Arrow from "apache-arrow";

type Library = typeof Arrow;

/**
 * The Arrow type of a result column, which holds every value exactly: decimals are Decimal128, HUGEINT Decimal128(38, 0), dates
 * Date32, times and timestamps 64 bits in their unit (UTC for TIMESTAMP WITH TIME ZONE), intervals MonthDayNano, UUIDs 16 bytes.
 */
export const arrowType = (arrow: Library, type: DataType): Arrow.DataType => {
  switch (type.kind) {
    case "null":
      return new arrow.Null();
    case "boolean":
      return new arrow.Bool();
    case "int8":
      return new arrow.Int8();
    case "int16":
      return new arrow.Int16();
    case "int32":
      return new arrow.Int32();
    case "int64":
      return new arrow.Int64();
    case "uint8":
      return new arrow.Uint8();
    case "uint16":
      return new arrow.Uint16();
    case "uint32":
      return new arrow.Uint32();
    case "uint64":
      return new arrow.Uint64();
    case "float":
      return new arrow.Float32();
    case "double":
      return new arrow.Float64();
    case "decimal":
      return new arrow.Decimal(type.scale, type.precision, 128);
    case "date":
      return new arrow.DateDay();
    case "time":
      return type.unit === "ns" ? new arrow.TimeNanosecond() : new arrow.TimeMicrosecond();
    case "timestamp":
      return new arrow.Timestamp(
        type.unit === "ns" ? arrow.TimeUnit.NANOSECOND : arrow.TimeUnit.MICROSECOND,
        type.utc ? "UTC" : null,
      );
    case "interval":
      return new arrow.IntervalMonthDayNano();
    case "varchar":
      return new arrow.Utf8();
    case "blob":
      return new arrow.Binary();
    case "uuid":
      return new arrow.FixedSizeBinary(16);
    default:
      return unreachable(type);
  }
};

/** UUIDs carry the canonical extension's name, so that readers know them from other bytes. */
const UUID_METADATA: readonly (readonly [string, string])[] = [
  ["ARROW:extension:name", "arrow.uuid"],
  ["ARROW:extension:metadata", ""],
];

export const arrowSchema = (
  arrow: Library,
  columns: readonly Pick<Column, "name" | "type" | "nullable">[],
): Arrow.Schema =>
  new arrow.Schema(
    columns.map(({ name, type, nullable }) => {
      const metadata = type.kind === "uuid" ? new Map(UUID_METADATA) : new Map<string, string>();
      return new arrow.Field(name, arrowType(arrow, type), nullable || type.kind === "null", metadata);
    }),
  );
