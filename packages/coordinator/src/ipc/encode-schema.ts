import { type DataType, integerLayout, isInteger, typeName, unreachable } from "@headcut/plan";
import { encodeFlatBuffer, type FlatValue, i8, i16, i32, i64, table, tables, text } from "./flatbuffer-writer.ts";
import type { IpcColumn } from "./ipc-column.ts";
import {
  DateUnit,
  IntervalUnit,
  METADATA_VERSION_V5,
  MessageHeader,
  Precision,
  TimeUnit,
  Type,
} from "./message-format.ts";

/** Where Flight SQL's clients look for a column's type as the database calls it. */
export const TYPE_NAME_KEY = "ARROW:FLIGHT:SQL:TYPE_NAME";
export const EXTENSION_NAME_KEY = "ARROW:extension:name";
export const EXTENSION_METADATA_KEY = "ARROW:extension:metadata";
export const UUID_EXTENSION = "arrow.uuid";
export const UUID_BYTES = 16;
const DECIMAL_BITS = 128;

/**
 * The schema message, bare. Types as in the executor's results (results/arrow-schema.ts), each of which is another SQL type; its
 * name is there besides.
 */
export const encodeSchema = (columns: readonly IpcColumn[]): Uint8Array => {
  const schema = table(i16(0), tables(columns.map(field)));
  return encodeFlatBuffer(table(i16(METADATA_VERSION_V5), i8(MessageHeader.Schema), schema, i64(0)));
};

const field = ({ name, type, nullable }: IpcColumn): FlatValue => {
  const [typeType, typeTable] = arrowType(type);
  const metadata: [string, string][] = [[TYPE_NAME_KEY, typeName(type)]];
  if (type.kind === "uuid") metadata.push([EXTENSION_NAME_KEY, UUID_EXTENSION], [EXTENSION_METADATA_KEY, ""]);
  return table(
    text(name),
    i8(nullable || type.kind === "null" ? 1 : 0),
    i8(typeType),
    typeTable,
    undefined,
    // Readers want the list of children, though it is empty.
    tables([]),
    tables(metadata.map(([key, value]) => table(text(key), text(value)))),
  );
};

/** Arrow's type: the number of its kind and the table of its parameters. */
const arrowType = (type: DataType): readonly [kind: number, parameters: FlatValue] => {
  if (isInteger(type)) {
    const { bits, signed } = integerLayout(type.kind);
    return [Type.Int, table(i32(bits), i8(signed ? 1 : 0))];
  }
  switch (type.kind) {
    case "null":
      return [Type.Null, table()];
    case "boolean":
      return [Type.Bool, table()];
    case "float":
      return [Type.FloatingPoint, table(i16(Precision.SINGLE))];
    case "double":
      return [Type.FloatingPoint, table(i16(Precision.DOUBLE))];
    case "decimal":
      return [Type.Decimal, table(i32(type.precision), i32(type.scale), i32(DECIMAL_BITS))];
    case "date":
      return [Type.Date, table(i16(DateUnit.DAY))];
    case "time":
      return [Type.Time, table(i16(timeUnit(type.unit)), i32(64))];
    case "timestamp":
      return [Type.Timestamp, table(i16(timeUnit(type.unit)), type.utc ? text("UTC") : undefined)];
    case "interval":
      return [Type.Interval, table(i16(IntervalUnit.MONTH_DAY_NANO))];
    case "varchar":
      return [Type.Utf8, table()];
    case "blob":
      return [Type.Binary, table()];
    case "uuid":
      return [Type.FixedSizeBinary, table(i32(UUID_BYTES))];
    default:
      return unreachable(type);
  }
};

const timeUnit = (unit: "us" | "ns"): number => (unit === "ns" ? TimeUnit.NANOSECOND : TimeUnit.MICROSECOND);
