import * as plan from "@headcut/plan";
import { type DataType, decimal, MAX_DECIMAL_PRECISION, QueryError } from "@headcut/plan";
import type * as arrow from "apache-arrow";

/**
 * Arrow's type identifiers (`Type` of its Schema.fbs), so that reading tables needs no import of the library's code.
 */
export const arrowTypeId = {
  dictionary: -1,
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  fixedSizeBinary: 15,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  binaryView: 23,
  utf8View: 24,
} as const;

export const UUID_EXTENSION = "arrow.uuid";
export const EXTENSION_NAME = "ARROW:extension:name";

/**
 * The SQL type that holds every value of an Arrow column: seconds and milliseconds become microseconds, half floats floats,
 * durations intervals, dictionaries their values' type, other fixed-size binaries blobs. Throws QueryError "unsupported" that
 * names the column: nested types, decimals that are not 128 bits wide.
 */
export const dataTypeOfField = (field: arrow.Field): DataType => {
  const uuid = field.metadata.get(EXTENSION_NAME) === UUID_EXTENSION;
  const found = uuid && isBytes16(field.type) ? plan.uuid : dataTypeOf(field.type);
  if (found !== undefined) return found;
  throw new QueryError(
    "unsupported",
    `column "${field.name}" has the Arrow type ${field.type}, which tables cannot hold`,
  );
};

const isBytes16 = (type: arrow.DataType): boolean =>
  type.typeId === arrowTypeId.fixedSizeBinary && (type as arrow.FixedSizeBinary).byteWidth === 16;

const dataTypeOf = (type: arrow.DataType): DataType | undefined => {
  switch (type.typeId as number) {
    case arrowTypeId.null:
      return plan.nullType;
    case arrowTypeId.int:
      return integerType(type as arrow.Int);
    case arrowTypeId.float:
      return (type as arrow.Float).precision === 2 ? plan.double : plan.float;
    case arrowTypeId.binary:
    case arrowTypeId.largeBinary:
    case arrowTypeId.binaryView:
    case arrowTypeId.fixedSizeBinary:
      return plan.blob;
    case arrowTypeId.utf8:
    case arrowTypeId.largeUtf8:
    case arrowTypeId.utf8View:
      return plan.varchar;
    case arrowTypeId.bool:
      return plan.boolean;
    case arrowTypeId.decimal:
      return decimalType(type as arrow.Decimal);
    case arrowTypeId.date:
      return plan.date;
    case arrowTypeId.time:
      return { kind: "time", unit: (type as arrow.Time).unit === 3 ? "ns" : "us" };
    case arrowTypeId.timestamp: {
      const { unit, timezone } = type as arrow.Timestamp;
      return { kind: "timestamp", unit: unit === 3 ? "ns" : "us", utc: timezone != null };
    }
    case arrowTypeId.interval:
    case arrowTypeId.duration:
      return plan.interval;
    case arrowTypeId.dictionary:
      return dataTypeOf((type as arrow.Dictionary).dictionary);
    default:
      return undefined;
  }
};

const integerType = ({ bitWidth, isSigned }: arrow.Int): DataType => {
  const kind = `${isSigned ? "int" : "uint"}${bitWidth}` as plan.IntegerKind;
  return { kind };
};

const decimalType = ({ precision, scale, bitWidth }: arrow.Decimal): DataType | undefined => {
  if (bitWidth !== 128 || precision > MAX_DECIMAL_PRECISION || scale < 0 || scale > precision) return undefined;
  return decimal(precision, scale);
};
