import {
  type ColumnChunk,
  type ConvertedType,
  codecs,
  convertedTypes,
  type FileMetadata,
  type LogicalType,
  type ParquetTimeUnit,
  type PhysicalType,
  physicalTypes,
  type Repetition,
  type RowGroup,
  repetitions,
  type SchemaElement,
  type Statistics,
} from "./format.ts";
import { type CompactReader, wireType } from "./thrift.ts";

/** Parses `FileMetaData`, the footer's struct. Fields that we do not use are skipped. */
export const readFileMetadata = (reader: CompactReader): FileMetadata => {
  let schema: SchemaElement[] | undefined;
  let rowCount = 0;
  let rowGroups: RowGroup[] = [];
  let createdBy: string | undefined;
  let typeDefinedOrder: boolean[] | undefined;
  let encrypted = false;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 2) schema = reader.listOf(wireType.struct, () => readSchemaElement(reader));
    else if (id === 3) rowCount = reader.i64();
    else if (id === 4) rowGroups = reader.listOf(wireType.struct, () => readRowGroup(reader));
    else if (id === 6) createdBy = reader.string();
    else if (id === 7) typeDefinedOrder = reader.listOf(wireType.struct, () => readUnion(reader).id === 1);
    else {
      if (id === 8) encrypted = true;
      reader.skip();
    }
  }
  if (schema === undefined) return reader.fail("footer has no schema");
  return { schema, rowCount, rowGroups, createdBy, typeDefinedOrder, encrypted };
};

/** A union's member id and, by `read`, its value. */
const readUnion = <T>(
  reader: CompactReader,
  read?: (id: number) => T | undefined,
): { readonly id: number; readonly value: T | undefined } => {
  let member = 0;
  let value: T | undefined;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    member = id;
    const before = reader.position;
    value = read?.(id);
    if (value === undefined && reader.position === before) reader.skip();
  }
  return { id: member, value };
};

const pick = <T>(reader: CompactReader, names: readonly T[], what: string): T => {
  const index = reader.i32();
  return names[index] ?? reader.fail(`unknown ${what} ${index}`);
};

const readSchemaElement = (reader: CompactReader): SchemaElement => {
  let name = "";
  let type: PhysicalType | undefined;
  let typeLength = 0;
  let repetition: Repetition = "REQUIRED";
  let childCount: number | undefined;
  let convertedType: ConvertedType | undefined;
  let scale = 0;
  let precision = 0;
  let logicalType: LogicalType | undefined;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) type = pick(reader, physicalTypes, "physical type");
    else if (id === 2) typeLength = reader.i32();
    else if (id === 3) repetition = pick(reader, repetitions, "repetition");
    else if (id === 4) name = reader.string();
    else if (id === 5) childCount = reader.i32();
    else if (id === 6) convertedType = convertedTypes[reader.i32()];
    else if (id === 7) scale = reader.i32();
    else if (id === 8) precision = reader.i32();
    else if (id === 10) logicalType = readLogicalType(reader);
    else reader.skip();
  }
  return { name, type, typeLength, repetition, childCount, convertedType, scale, precision, logicalType };
};

const readLogicalType = (reader: CompactReader): LogicalType => {
  reader.struct();
  const { id, value } = readUnion<LogicalType>(reader, (member) => {
    if (member === 5) return readDecimalType(reader);
    if (member === 7) return readTimeType(reader, "TIME");
    if (member === 8) return readTimeType(reader, "TIMESTAMP");
    if (member === 10) return readIntegerType(reader);
    return undefined;
  });
  return value ?? simpleLogicalTypes[id] ?? { kind: "OTHER" };
};

const simpleLogicalTypes: Readonly<Record<number, LogicalType>> = {
  1: { kind: "STRING" },
  4: { kind: "ENUM" },
  6: { kind: "DATE" },
  11: { kind: "UNKNOWN" },
  12: { kind: "JSON" },
  13: { kind: "BSON" },
  14: { kind: "UUID" },
  15: { kind: "FLOAT16" },
};

const readDecimalType = (reader: CompactReader): LogicalType => {
  reader.struct();
  let scale = 0;
  let precision = 0;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) scale = reader.i32();
    else if (id === 2) precision = reader.i32();
    else reader.skip();
  }
  return { kind: "DECIMAL", precision, scale };
};

const timeUnits: readonly (ParquetTimeUnit | undefined)[] = [undefined, "MILLIS", "MICROS", "NANOS"];

const readTimeType = (reader: CompactReader, kind: "TIME" | "TIMESTAMP"): LogicalType => {
  reader.struct();
  let utc = false;
  let unit: ParquetTimeUnit | undefined;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) utc = reader.bool();
    else if (id === 2) {
      reader.struct();
      unit = timeUnits[readUnion(reader).id];
    } else reader.skip();
  }
  if (unit === undefined) return reader.fail(`${kind} without a known unit`);
  return { kind, unit, utc };
};

const readIntegerType = (reader: CompactReader): LogicalType => {
  reader.struct();
  let bitWidth = 0;
  let signed = false;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) bitWidth = reader.i32();
    else if (id === 2) signed = reader.bool();
    else reader.skip();
  }
  return { kind: "INTEGER", bitWidth, signed };
};

const readRowGroup = (reader: CompactReader): RowGroup => {
  let rowCount = 0;
  let chunks: (ColumnChunk | undefined)[] = [];
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) chunks = reader.listOf(wireType.struct, () => readColumnChunk(reader));
    else if (id === 3) rowCount = reader.i64();
    else reader.skip();
  }
  if (rowCount < 0) reader.fail(`row group of ${rowCount} rows`);
  return { rowCount, chunks };
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const readColumnChunk = (reader: CompactReader): ColumnChunk | undefined => {
  // Of one shape from the start: large files have tens of thousands of these.
  const chunk: Mutable<ColumnChunk> = {
    type: "BOOLEAN",
    codec: "UNCOMPRESSED",
    numValues: 0,
    totalUncompressedSize: 0,
    totalCompressedSize: 0,
    dataPageOffset: 0,
    dictionaryPageOffset: undefined,
    statistics: undefined,
    onlyDictionaryPages: false,
    bloomFilterOffset: undefined,
    bloomFilterLength: undefined,
    byteArrayBytes: undefined,
    offsetIndexOffset: undefined,
    offsetIndexLength: undefined,
    columnIndexOffset: undefined,
    columnIndexLength: undefined,
  };
  let isHere = true;
  let hasMetadata = false;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) isHere &&= reader.binary().length === 0;
    else if (id === 3) {
      readColumnMetadata(reader, chunk);
      hasMetadata = true;
    } else if (id === 4) chunk.offsetIndexOffset = reader.i64();
    else if (id === 5) chunk.offsetIndexLength = reader.i32();
    else if (id === 6) chunk.columnIndexOffset = reader.i64();
    else if (id === 7) chunk.columnIndexLength = reader.i32();
    else {
      // 8: how the column is encrypted.
      if (id === 8) isHere = false;
      reader.skip();
    }
  }
  return isHere && hasMetadata ? chunk : undefined;
};

const readColumnMetadata = (reader: CompactReader, chunk: Mutable<ColumnChunk>): void => {
  reader.struct();
  let hasType = false;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) {
      chunk.type = pick(reader, physicalTypes, "physical type");
      hasType = true;
    } else if (id === 2) chunk.onlyDictionaryPages = readOnlyDictionaryEncodings(reader);
    else if (id === 4) chunk.codec = pick(reader, codecs, "codec");
    else if (id === 5) chunk.numValues = reader.i64();
    else if (id === 6) chunk.totalUncompressedSize = reader.i64();
    else if (id === 7) chunk.totalCompressedSize = reader.i64();
    else if (id === 9) chunk.dataPageOffset = reader.i64();
    else if (id === 11) chunk.dictionaryPageOffset = reader.i64();
    else if (id === 12) chunk.statistics = readStatistics(reader);
    else if (id === 13) chunk.onlyDictionaryPages = readOnlyDictionaryPages(reader);
    else if (id === 14) chunk.bloomFilterOffset = reader.i64();
    else if (id === 15) chunk.bloomFilterLength = reader.i32();
    else if (id === 16) chunk.byteArrayBytes = readByteArrayBytes(reader);
    else reader.skip();
  }
  if (!hasType) reader.fail("column chunk without a type");
};

export const readStatistics = (reader: CompactReader): Statistics => {
  reader.struct();
  let legacyMin: Uint8Array | undefined;
  let legacyMax: Uint8Array | undefined;
  let min: Uint8Array | undefined;
  let max: Uint8Array | undefined;
  let nullCount: number | undefined;
  let distinctCount: number | undefined;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) legacyMax = reader.binary();
    else if (id === 2) legacyMin = reader.binary();
    else if (id === 3) nullCount = reader.i64();
    else if (id === 4) distinctCount = reader.i64();
    else if (id === 5) max = reader.binary();
    else if (id === 6) min = reader.binary();
    else reader.skip();
  }
  // Most writers give both; the deprecated ones would only take memory.
  if (min !== undefined || max !== undefined) legacyMin = legacyMax = undefined;
  return { legacyMin, legacyMax, min, max, nullCount, distinctCount };
};

const DATA_PAGE = 0;
const DATA_PAGE_V2 = 3;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const BIT_PACKED = 4;
const RLE_DICTIONARY = 8;

/** Without PLAIN in the list, not even one data page can be anything but codes. `encoding_stats`, which follow, say more. */
const readOnlyDictionaryEncodings = (reader: CompactReader): boolean => {
  const encodings = reader.listOf(wireType.i32, () => reader.i32());
  const isDictionary = (encoding: number): boolean => encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY;
  return (
    encodings.some(isDictionary) &&
    encodings.every((encoding) => isDictionary(encoding) || encoding === RLE || encoding === BIT_PACKED)
  );
};

/** `PageEncodingStats`: counts of pages by type and encoding. */
const readOnlyDictionaryPages = (reader: CompactReader): boolean => {
  let dictionaryPages = 0;
  let otherPages = 0;
  reader.listOf(wireType.struct, () => {
    let pageType = 0;
    let encoding = 0;
    let count = 0;
    for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
      if (id === 1) pageType = reader.i32();
      else if (id === 2) encoding = reader.i32();
      else if (id === 3) count = reader.i32();
      else reader.skip();
    }
    if (pageType !== DATA_PAGE && pageType !== DATA_PAGE_V2) return;
    if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY) dictionaryPages += count;
    else otherPages += count;
  });
  return dictionaryPages > 0 && otherPages === 0;
};

/** `SizeStatistics.unencoded_byte_array_data_bytes`. */
const readByteArrayBytes = (reader: CompactReader): number | undefined => {
  reader.struct();
  let bytes: number | undefined;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) bytes = reader.i64();
    else reader.skip();
  }
  return bytes;
};
