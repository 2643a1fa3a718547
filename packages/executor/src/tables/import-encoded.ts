import { QueryError } from "@headcut/plan";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { Heap } from "../memory/heap.ts";
import type { HostArena } from "../memory/host-arena.ts";
import type { EncodedColumn } from "../results/encoded-batch.ts";
import type { MemoryTableColumn } from "./memory-table.ts";

/** A column in memory: addresses of its values and of its validity bytes, 0 when no row is NULL. */
export interface ImportedVector {
  readonly values: number;
  readonly valid: number;
}

interface Import {
  readonly heap: Heap;
  readonly column: MemoryTableColumn;
  readonly count: number;
  /** For the values. */
  readonly keep: HostArena;
  /** For what the import alone needs. */
  readonly staging: HostArena;
}

/**
 * Writes an encoded column of `count` rows (see `encodeColumn`, whose inverse this is) to memory. Nothing is taken on trust: batches come
 * from other nodes. Throws QueryError "io" where buffers do not belong to such a column, "out-of-memory".
 */
export const importEncoded = (to: Import, encoded: EncodedColumn): ImportedVector => {
  const { heap, column, count, keep, staging } = to;
  const { memory, kernels } = heap;
  const width = storageLayout[storageOf(column.type)].bytes;
  const valid = importValidity(to, encoded);
  const given = (bytes: number): Uint8Array => {
    if (encoded.values.length < bytes) throw mismatch(column, `${encoded.values.length} bytes for ${count} rows`);
    return encoded.values.subarray(0, bytes);
  };
  const staged = (bytes: Uint8Array): number => {
    const address = staging.allocate(bytes.length);
    memory.bytes.set(bytes, address);
    return address;
  };
  const values = keep.allocate(count * width);
  const checked = (status: number): void => {
    if (status === 0) throw mismatch(column, "a value that the type does not have");
  };

  switch (column.type.kind) {
    case "null":
      memory.bytes.fill(0, values, values + count);
      break;
    case "boolean":
      kernels.bitmapToBytes(staged(given((count + 7) >> 3)), 0, count, values);
      break;
    case "int8":
      memory.i32.set(asSigned(given(count), Int8Array), values >>> 2);
      break;
    case "uint8":
      memory.i32.set(given(count), values >>> 2);
      break;
    case "int16":
      memory.i32.set(asSigned(given(2 * count), Int16Array), values >>> 2);
      break;
    case "uint16":
      memory.i32.set(asSigned(given(2 * count), Uint16Array), values >>> 2);
      break;
    case "uint32":
      kernels.widenInt32(staged(given(4 * count)), count, 0, values);
      break;
    case "decimal":
      if (width === 16) memory.bytes.set(given(16 * count), values);
      else checked(kernels.narrowInt128(staged(given(16 * count)), valid, count, values));
      break;
    case "uuid":
      kernels.uuidsFromArrow(staged(given(16 * count)), count, values);
      break;
    case "interval":
      checked(kernels.intervalsFromArrow(staged(given(16 * count)), valid, count, values));
      break;
    case "varchar":
    case "blob": {
      const { offsets } = encoded;
      const length = stringBytes(column, encoded, count);
      const bytes = keep.allocate(length);
      memory.bytes.set(encoded.values.subarray(0, length), bytes);
      const address = staging.allocate(4 * (count + 1));
      memory.i32.set(offsets!.subarray(0, count + 1), address >>> 2);
      kernels.stringsFromArrow(address, count, bytes, values);
      break;
    }
    // Stored as Arrow has them.
    case "int32":
    case "date":
    case "float":
    case "int64":
    case "uint64":
    case "double":
    case "time":
    case "timestamp":
      memory.bytes.set(given(width * count), values);
  }
  return { values, valid };
};

const mismatch = ({ name }: MemoryTableColumn, what: string): QueryError =>
  new QueryError("io", `rows from another node cannot be read: column "${name}" has ${what}`);

const importValidity = ({ heap, column, count, keep, staging }: Import, encoded: EncodedColumn): number => {
  const { memory, kernels } = heap;
  const { validity } = encoded;
  if (column.type.kind === "null") {
    const valid = keep.allocate(count);
    memory.bytes.fill(0, valid, valid + count);
    return valid;
  }
  if (validity === undefined || encoded.nullCount === 0) return 0;
  const bytes = (count + 7) >> 3;
  if (validity.length < bytes) throw mismatch(column, `${validity.length} bytes of validity for ${count} rows`);
  const staged = staging.allocate(bytes);
  memory.bytes.set(validity.subarray(0, bytes), staged);
  const valid = keep.allocate(count);
  const nulls = count - kernels.bitmapToBytes(staged, 0, count, valid);
  if (nulls > 0 && !column.nullable) throw mismatch(column, "NULLs that it must not have");
  return valid;
};

/** Bytes that the offsets delimit, from 0 on. */
const stringBytes = (column: MemoryTableColumn, { offsets, values }: EncodedColumn, count: number): number => {
  if (offsets === undefined || offsets.length < count + 1) throw mismatch(column, "too few offsets");
  let last = 0;
  for (let i = 0; i <= count; i++) {
    const next = offsets[i]!;
    if (next < last) throw mismatch(column, "offsets that decrease");
    last = next;
  }
  if (last > values.length) throw mismatch(column, "offsets beyond its bytes");
  return last;
};

type Integers = Int8Array | Int16Array | Uint16Array;

/** The bytes as integers, copied where they are not aligned. */
const asSigned = <T extends Integers>(
  bytes: Uint8Array,
  ArrayType: {
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
    readonly BYTES_PER_ELEMENT: number;
  },
): T => {
  const { BYTES_PER_ELEMENT: width } = ArrayType;
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  return new ArrayType(aligned.buffer, aligned.byteOffset, bytes.length / width);
};
