import type * as arrow from "apache-arrow";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { Heap } from "../memory/heap.ts";
import type { HostArena } from "../memory/host-arena.ts";
import { arrowTypeId } from "./arrow-type.ts";
import { type ColumnImport, checkImport, rawBytes, stageValues } from "./column-import.ts";
import { importDurations, importIntervals } from "./import-intervals.ts";
import { compactStrings, importStrings } from "./import-strings.ts";

/**
 * Writes rows `first` … `first + count` of `data` to memory and one validity byte for each; how many are NULL. Throws QueryError
 * "conversion" for values that the type cannot hold, "out-of-memory".
 */
export const importColumn = (to: ColumnImport, data: arrow.Data): number => {
  const nullCount = importValidity(to, data);
  if ((data.type.typeId as number) === arrowTypeId.dictionary) return nullCount + importDictionary(to, data);
  importValues(to, data);
  return nullCount;
};

const importValidity = ({ heap, valid, first, count, staging }: ColumnImport, data: arrow.Data): number => {
  const { memory, kernels } = heap;
  const typeId = data.type.typeId as number;
  if (typeId === arrowTypeId.null) {
    memory.bytes.fill(0, valid, valid + count);
    return count;
  }
  const bitmap = data.nullBitmap as Uint8Array | undefined;
  if (bitmap === undefined || bitmap.length === 0 || data.nullCount === 0) {
    memory.bytes.fill(1, valid, valid + count);
    return 0;
  }
  const { address, firstBit } = stageBits(heap, staging, bitmap, data.offset + first, count);
  return count - kernels.bitmapToBytes(address, firstBit, count, valid);
};

/** The bytes that hold some bits, in memory. */
const stageBits = (
  { memory }: Heap,
  staging: HostArena,
  bits: Uint8Array,
  first: number,
  count: number,
): { readonly address: number; readonly firstBit: number } => {
  const piece = bits.subarray(first >> 3, (first + count + 7) >> 3);
  const address = staging.allocate(piece.length);
  memory.bytes.set(piece, address);
  return { address, firstBit: first & 7 };
};

const importValues = (to: ColumnImport, data: arrow.Data): void => {
  const { heap, values, valid, first, count, staging } = to;
  const { memory, kernels } = heap;
  const type = data.type as arrow.DataType;
  const copy = (width: number): void => memory.bytes.set(rawBytes(to, data, width), values);
  const staged = (width: number): number => stageValues(to, data, width);
  const checked = (status: number, problem: string): void => checkImport(to, status, problem);
  const scaled = (factor: number, from: number): void => {
    checked(kernels.multiplyInt64(from, valid, count, factor, values), `a value of ${type} is out of range`);
  };

  switch (type.typeId as number) {
    case arrowTypeId.null:
      memory.bytes.fill(0, values, values + count * storageLayout[storageOf(to.type)].bytes);
      return;
    case arrowTypeId.bool: {
      const { address, firstBit } = stageBits(heap, staging, data.values as Uint8Array, data.offset + first, count);
      kernels.bitmapToBytes(address, firstBit, count, values);
      return;
    }
    case arrowTypeId.int: {
      const { bitWidth, isSigned } = type as arrow.Int;
      if (bitWidth === 64) copy(8);
      else if (bitWidth === 32 && isSigned) copy(4);
      else if (bitWidth === 32) kernels.widenInt32(staged(4), count, 0, values);
      else memory.i32.set((data.values as Int8Array).subarray(first, first + count), values >>> 2);
      return;
    }
    case arrowTypeId.float: {
      const { precision } = type as arrow.Float;
      if (precision === 2) copy(8);
      else if (precision === 1) copy(4);
      else importHalves(to, data.values as Uint16Array);
      return;
    }
    case arrowTypeId.decimal:
      if (storageOf(to.type) === "int128") copy(16);
      else checked(kernels.narrowInt128(staged(16), valid, count, values), `a value exceeds ${type}`);
      return;
    case arrowTypeId.date:
      if ((type as arrow.Date_).unit === 0) copy(4);
      else importDates(to, data.values as BigInt64Array);
      return;
    case arrowTypeId.time: {
      const { unit } = type as arrow.Time;
      if (unit >= 2) {
        copy(8);
      } else {
        const wide = staging.allocate(count * 8);
        kernels.widenInt32(staged(4), count, 1, wide);
        scaled(unit === 0 ? 1_000_000 : 1000, wide);
      }
      return;
    }
    case arrowTypeId.timestamp: {
      const { unit } = type as arrow.Timestamp;
      if (unit >= 2) copy(8);
      else scaled(unit === 0 ? 1_000_000 : 1000, staged(8));
      return;
    }
    case arrowTypeId.interval:
      importIntervals(to, data);
      return;
    case arrowTypeId.duration:
      importDurations(to, data);
      return;
    case arrowTypeId.fixedSizeBinary:
      if (to.type.kind === "uuid") kernels.uuidsFromArrow(staged(16), count, values);
      else importStrings(to, data);
      return;
    default:
      importStrings(to, data);
  }
};

const DAY_MS = 86_400_000;

const importDates = ({ heap, values, first, count }: ColumnImport, millis: BigInt64Array): void => {
  for (let i = 0; i < count; i++) heap.memory.i32[(values >>> 2) + i] = Math.floor(Number(millis[first + i]) / DAY_MS);
};

const importHalves = ({ heap, values, first, count }: ColumnImport, halves: Uint16Array): void => {
  for (let i = 0; i < count; i++) heap.memory.view.setFloat32(values + 4 * i, halfToNumber(halves[first + i]!), true);
};

/** IEEE 754 binary16. */
const halfToNumber = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** Rows take their dictionary's values; how many rows are NULL because the dictionary's value is. */
const importDictionary = (to: ColumnImport, data: arrow.Data): number => {
  const { heap, values, valid, first, count, staging, keep } = to;
  const { memory, kernels } = heap;
  const storage = storageOf(to.type);
  const width = storageLayout[storage].bytes;
  const dictionary = data.dictionary!;
  const entries = staging.allocate(dictionary.length * width);
  const entriesValid = staging.allocate(dictionary.length);
  // Strings share the dictionary's bytes, unless few rows use a large dictionary.
  const compact = storage === "string" && dictionary.length > count;
  let [filled, nullEntries] = [0, 0];
  for (const chunk of dictionary.data) {
    const at = { values: entries + filled * width, valid: entriesValid + filled, first: 0, count: chunk.length };
    nullEntries += importColumn({ ...to, ...at, keep: compact ? staging : keep }, chunk);
    filled += chunk.length;
  }
  const indices = staging.allocate(count * 4);
  memory.u32.set(toNumbers((data.values as Int32Array).subarray(first, first + count)), indices >>> 2);
  checkImport(
    to,
    kernels.gatherValues(entries, dictionary.length, width, indices, valid, count, values),
    "a dictionary index is out of range",
  );
  if (compact) compactStrings(to);
  if (nullEntries === 0) return 0;
  let nulls = 0;
  for (let i = 0; i < count; i++) {
    if (memory.bytes[valid + i] === 0) continue;
    if (memory.bytes[entriesValid + memory.u32[(indices >>> 2) + i]!] === 1) continue;
    memory.bytes[valid + i] = 0;
    nulls++;
  }
  return nulls;
};

const toNumbers = (indices: ArrayLike<number> | BigInt64Array | BigUint64Array): ArrayLike<number> =>
  indices instanceof BigInt64Array || indices instanceof BigUint64Array ? Uint32Array.from(indices, Number) : indices;
