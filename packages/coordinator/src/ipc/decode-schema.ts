import {
  blob,
  boolean,
  type DataType,
  date,
  double,
  float,
  type IntegerKind,
  interval,
  MAX_DECIMAL_PRECISION,
  nullType,
  QueryError,
  uuid,
  varchar,
} from "@headcut/plan";
import { EXTENSION_NAME_KEY, UUID_BYTES, UUID_EXTENSION } from "./encode-schema.ts";
import { decodeFlatBuffer, type FlatTable, malformed } from "./flatbuffer-reader.ts";
import type { IpcColumn } from "./ipc-column.ts";
import {
  DateUnit,
  Field,
  IntervalUnit,
  METADATA_VERSION_V4,
  METADATA_VERSION_V5,
  Message,
  MessageHeader,
  Precision,
  Schema,
  TimeUnit,
  Type,
} from "./message-format.ts";

/** What an Arrow message is of; "none" for one without a header, such as those of metadata alone. */
export type MessageKind = "schema" | "batch" | "dictionary" | "none";

/** Throws QueryError "io" for what is no message, "unsupported" for other kinds. */
export const messageKind = (header: Uint8Array): MessageKind => {
  if (header.length === 0) return "none";
  const kind = decodeFlatBuffer(header).i8(Message.headerType);
  switch (kind) {
    case MessageHeader.Schema:
      return "schema";
    case MessageHeader.RecordBatch:
      return "batch";
    case MessageHeader.DictionaryBatch:
      return "dictionary";
    default:
      throw new QueryError("unsupported", `an Arrow message of the kind ${kind}`);
  }
};

/** The table of a message's header, of this kind. */
export const messageHeader = (header: Uint8Array, kind: number): FlatTable => {
  const message = decodeFlatBuffer(header);
  const version = message.i16(Message.version);
  if (version !== METADATA_VERSION_V5 && version !== METADATA_VERSION_V4) throw malformed(`version ${version}`);
  const found = message.i8(Message.headerType) === kind ? message.table(Message.header) : undefined;
  if (found === undefined) throw malformed("it is of another kind");
  return found;
};

/**
 * The columns of a schema message: those of `encodeSchema`, and of strangers whose values lie as ours do. Throws QueryError "io" for malformed
 * ones, "unsupported" naming the column for types that have no equal here.
 */
export const decodeSchema = (header: Uint8Array): readonly IpcColumn[] => {
  const schema = messageHeader(header, MessageHeader.Schema);
  if (schema.i16(Schema.endianness) !== 0) throw new QueryError("unsupported", "Arrow data of a big-endian machine");
  return schema.tables(Schema.fields).map((field) => {
    const name = field.text(Field.name) ?? "";
    const type = field.table(Field.dictionary) === undefined ? dataType(field) : undefined;
    if (type === undefined) throw new QueryError("unsupported", `the Arrow type of column "${name}" is not supported`);
    return { name, type, nullable: field.i8(Field.nullable) !== 0 };
  });
};

const dataType = (field: FlatTable): DataType | undefined => {
  const type = field.table(Field.type);
  if (type === undefined) throw malformed("a field without a type");
  switch (field.i8(Field.typeType)) {
    case Type.Null:
      return nullType;
    case Type.Bool:
      return boolean;
    case Type.Int:
      return integer(type.i32(0), type.i8(1) !== 0);
    case Type.FloatingPoint:
      return { [Precision.SINGLE]: float, [Precision.DOUBLE]: double }[type.i16(0)];
    case Type.Decimal:
      return decimalOf(type.i32(0), type.i32(1), type.i32(2, 128));
    case Type.Date:
      return type.i16(0, DateUnit.MILLISECOND) === DateUnit.DAY ? date : undefined;
    case Type.Time: {
      const unit = timeUnit(type.i16(0, TimeUnit.MILLISECOND));
      return unit === undefined ? undefined : { kind: "time", unit };
    }
    case Type.Timestamp: {
      const unit = timeUnit(type.i16(0));
      return unit === undefined ? undefined : { kind: "timestamp", unit, utc: (type.text(1) ?? "") !== "" };
    }
    case Type.Interval:
      return type.i16(0) === IntervalUnit.MONTH_DAY_NANO ? interval : undefined;
    case Type.Utf8:
      return varchar;
    case Type.Binary:
      return blob;
    case Type.FixedSizeBinary:
      return type.i32(0) === UUID_BYTES && isUuid(field) ? uuid : undefined;
    default:
      return undefined;
  }
};

const integer = (bits: number, signed: boolean): DataType | undefined =>
  [8, 16, 32, 64].includes(bits) ? { kind: `${signed ? "int" : "uint"}${bits}` as IntegerKind } : undefined;

const decimalOf = (precision: number, scale: number, bits: number): DataType | undefined => {
  const ours = bits === 128 && precision >= 1 && precision <= MAX_DECIMAL_PRECISION && scale >= 0 && scale <= precision;
  return ours ? { kind: "decimal", precision, scale } : undefined;
};

const timeUnit = (unit: number): "us" | "ns" | undefined => {
  if (unit === TimeUnit.MICROSECOND) return "us";
  return unit === TimeUnit.NANOSECOND ? "ns" : undefined;
};

const isUuid = (field: FlatTable): boolean =>
  field
    .tables(Field.customMetadata)
    .some((entry) => entry.text(0) === EXTENSION_NAME_KEY && entry.text(1) === UUID_EXTENSION);
