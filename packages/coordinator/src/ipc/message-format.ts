/** Numbers of Arrow's Message.fbs and Schema.fbs (https://github.com/apache/arrow/tree/main/format), by their names there. */
export const METADATA_VERSION_V5 = 4;
/** V4 differs from it in unions alone, which are not read. */
export const METADATA_VERSION_V4 = 3;

export const MessageHeader = { Schema: 1, DictionaryBatch: 2, RecordBatch: 3 } as const;

/** Fields by index. */
export const Message = { version: 0, headerType: 1, header: 2, bodyLength: 3 } as const;
export const Schema = { endianness: 0, fields: 1, customMetadata: 2 } as const;
export const Field = {
  name: 0,
  nullable: 1,
  typeType: 2,
  type: 3,
  dictionary: 4,
  children: 5,
  customMetadata: 6,
} as const;
export const RecordBatch = { length: 0, nodes: 1, buffers: 2, compression: 3 } as const;
export const BodyCompression = { codec: 0, method: 1 } as const;

export const Type = {
  Null: 1,
  Int: 2,
  FloatingPoint: 3,
  Binary: 4,
  Utf8: 5,
  Bool: 6,
  Decimal: 7,
  Date: 8,
  Time: 9,
  Timestamp: 10,
  Interval: 11,
  FixedSizeBinary: 15,
} as const;

export const Precision = { SINGLE: 1, DOUBLE: 2 } as const;
export const DateUnit = { DAY: 0, MILLISECOND: 1 } as const;
export const TimeUnit = { MILLISECOND: 1, MICROSECOND: 2, NANOSECOND: 3 } as const;
export const IntervalUnit = { MONTH_DAY_NANO: 2 } as const;
export const CompressionType = { LZ4_FRAME: 0, ZSTD: 1 } as const;

/** Buffers of a body begin at multiples of this. */
export const ALIGNMENT = 8;
export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
