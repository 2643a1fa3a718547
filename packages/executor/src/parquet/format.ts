/**
 * Names and numbers of parquet-format (https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift).
 */
export const physicalTypes = [
  "BOOLEAN",
  "INT32",
  "INT64",
  "INT96",
  "FLOAT",
  "DOUBLE",
  "BYTE_ARRAY",
  "FIXED_LEN_BYTE_ARRAY",
] as const;
export type PhysicalType = (typeof physicalTypes)[number];

export const codecs = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"] as const;
export type Codec = (typeof codecs)[number];

/** `GROUP_VAR_INT` was never used. */
export const encodings = [
  "PLAIN",
  "GROUP_VAR_INT",
  "PLAIN_DICTIONARY",
  "RLE",
  "BIT_PACKED",
  "DELTA_BINARY_PACKED",
  "DELTA_LENGTH_BYTE_ARRAY",
  "DELTA_BYTE_ARRAY",
  "RLE_DICTIONARY",
  "BYTE_STREAM_SPLIT",
] as const;
export type Encoding = (typeof encodings)[number];

export const repetitions = ["REQUIRED", "OPTIONAL", "REPEATED"] as const;
export type Repetition = (typeof repetitions)[number];

export const pageTypes = ["DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE", "DATA_PAGE_V2"] as const;
export type PageType = (typeof pageTypes)[number];

export const convertedTypes = [
  "UTF8",
  "MAP",
  "MAP_KEY_VALUE",
  "LIST",
  "ENUM",
  "DECIMAL",
  "DATE",
  "TIME_MILLIS",
  "TIME_MICROS",
  "TIMESTAMP_MILLIS",
  "TIMESTAMP_MICROS",
  "UINT_8",
  "UINT_16",
  "UINT_32",
  "UINT_64",
  "INT_8",
  "INT_16",
  "INT_32",
  "INT_64",
  "JSON",
  "BSON",
  "INTERVAL",
] as const;
export type ConvertedType = (typeof convertedTypes)[number];

export type ParquetTimeUnit = "MILLIS" | "MICROS" | "NANOS";

/** The logical types that change how we read a leaf; `OTHER` is every other (read as its physical type). */
export type LogicalType =
  | { readonly kind: "STRING" | "ENUM" | "JSON" | "BSON" | "UUID" | "DATE" | "FLOAT16" | "UNKNOWN" | "OTHER" }
  | { readonly kind: "DECIMAL"; readonly precision: number; readonly scale: number }
  | { readonly kind: "TIME" | "TIMESTAMP"; readonly unit: ParquetTimeUnit; readonly utc: boolean }
  | { readonly kind: "INTEGER"; readonly bitWidth: number; readonly signed: boolean };

export interface SchemaElement {
  readonly name: string;
  /** Absent for groups. */
  readonly type: PhysicalType | undefined;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number;
  readonly repetition: Repetition;
  /** Absent for leaves. */
  readonly childCount: number | undefined;
  readonly convertedType: ConvertedType | undefined;
  readonly scale: number;
  readonly precision: number;
  readonly logicalType: LogicalType | undefined;
}

/** A chunk's or page's statistics; `min` and `max` are PLAIN-encoded (byte arrays without their length). */
export interface Statistics {
  /** Deprecated fields: signed comparison, whatever the type. */
  readonly legacyMin: Uint8Array | undefined;
  readonly legacyMax: Uint8Array | undefined;
  readonly min: Uint8Array | undefined;
  readonly max: Uint8Array | undefined;
  readonly nullCount: number | undefined;
  readonly distinctCount: number | undefined;
}

export interface ColumnChunk {
  readonly type: PhysicalType;
  readonly codec: Codec;
  readonly numValues: number;
  readonly totalUncompressedSize: number;
  readonly totalCompressedSize: number;
  readonly dataPageOffset: number;
  readonly dictionaryPageOffset: number | undefined;
  readonly statistics: Statistics | undefined;
  /** True when the writer says that every data page is dictionary-encoded. */
  readonly onlyDictionaryPages: boolean;
  readonly bloomFilterOffset: number | undefined;
  readonly bloomFilterLength: number | undefined;
  /** Bytes of all values of a BYTE_ARRAY column, when the writer says. */
  readonly byteArrayBytes: number | undefined;
  readonly offsetIndexOffset: number | undefined;
  readonly offsetIndexLength: number | undefined;
  readonly columnIndexOffset: number | undefined;
  readonly columnIndexLength: number | undefined;
}

export interface RowGroup {
  readonly rowCount: number;
  /** By leaf. Undefined where the chunk is encrypted or in another file; such a column cannot be read. */
  readonly chunks: readonly (ColumnChunk | undefined)[];
}

export interface FileMetadata {
  readonly schema: readonly SchemaElement[];
  readonly rowCount: number;
  readonly rowGroups: readonly RowGroup[];
  readonly createdBy: string | undefined;
  /** By leaf: whether min and max follow the type's own order. Undefined: the writer does not say. */
  readonly typeDefinedOrder: readonly boolean[] | undefined;
  /** Columns are encrypted, the footer is not. */
  readonly encrypted: boolean;
}
