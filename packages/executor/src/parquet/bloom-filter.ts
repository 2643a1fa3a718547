import type { ByteSource } from "../io/byte-source.ts";
import type { Bound } from "./bounds.ts";
import type { ColumnChunk } from "./format.ts";
import type { FlatColumn } from "./schema.ts";
import { CompactReader } from "./thrift.ts";
import { xxhash64 } from "./xxhash64.ts";

/** The place of a split-block Bloom filter's bits (parquet-format, BloomFilter.md). */
export interface BloomFilter {
  readonly fileOffset: number;
  readonly blocks: number;
}

const HEADER_BYTES = 64;
const BLOCK_BYTES = 32;
const MAX_FILTER_BYTES = 128 * 1024 * 1024;

const readBytes = async (source: ByteSource, offset: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length);
  await source.readInto(bytes, offset, length);
  return bytes;
};

/** The chunk's filter; undefined if it has none, or none that we understand. */
export const readBloomFilter = async (source: ByteSource, chunk: ColumnChunk): Promise<BloomFilter | undefined> => {
  const offset = chunk.bloomFilterOffset;
  if (offset === undefined || offset < 4 || offset >= source.size) return undefined;
  const bytes = await readBytes(source, offset, Math.min(HEADER_BYTES, source.size - offset));
  try {
    const reader = new CompactReader(bytes, 0, bytes.length, (_, what) => {
      throw new Error(what);
    });
    const length = readHeader(reader);
    const fileOffset = offset + reader.position;
    if (length === undefined || fileOffset + length > source.size) return undefined;
    return { fileOffset, blocks: length / BLOCK_BYTES };
  } catch {
    // Without the filter the chunk is read, which is right too.
    return undefined;
  }
};

/** Bytes of the bits; undefined if algorithm, hash or compression are not the ones we know. */
const readHeader = (reader: CompactReader): number | undefined => {
  let length = 0;
  let known = 0;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) length = reader.i32();
    else if (id <= 4) {
      // Unions whose first member is BLOCK, XXHASH, UNCOMPRESSED.
      reader.struct();
      for (let member = reader.nextField(0); member !== 0; member = reader.nextField(member)) {
        if (member === 1) known++;
        reader.skip();
      }
    } else reader.skip();
  }
  const valid = known === 3 && length >= BLOCK_BYTES && length <= MAX_FILTER_BYTES && length % BLOCK_BYTES === 0;
  return valid ? length : undefined;
};

const SALTS = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31] as const;

/** False: no value of the chunk has this hash. */
export const mayContain = async (source: ByteSource, filter: BloomFilter, hash: bigint): Promise<boolean> => {
  const block = Number(((hash >> 32n) * BigInt(filter.blocks)) >> 32n);
  const bytes = await readBytes(source, filter.fileOffset + block * BLOCK_BYTES, BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const key = Number(hash & 0xffffffffn);
  return SALTS.every((salt, i) => ((view.getUint32(i * 4, true) >>> (Math.imul(key, salt) >>> 27)) & 1) === 1);
};

/** The hash of a constant as the column stores it; undefined where equal values may be stored in several ways. */
export const bloomHash = (value: Bound, column: FlatColumn): bigint | undefined => {
  const bytes = plainEncoding(value, column);
  return bytes === undefined ? undefined : xxhash64(bytes);
};

const plainEncoding = (value: Bound, column: FlatColumn): Uint8Array | undefined => {
  switch (column.physical) {
    case "INT32":
    case "INT64": {
      if (value instanceof Uint8Array) return undefined;
      if (typeof value === "number" && !Number.isInteger(value)) return undefined;
      const stored = BigInt(value) / BigInt(column.timeFactor);
      if (stored * BigInt(column.timeFactor) !== BigInt(value)) return undefined;
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigInt64(0, stored, true);
      return column.physical === "INT32" ? bytes.subarray(0, 4) : bytes;
    }
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
      return value instanceof Uint8Array &&
        (column.type.kind === "varchar" || column.type.kind === "blob" || column.type.kind === "uuid")
        ? value
        : undefined;
    default:
      return undefined;
  }
};
