import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import { type DataType, int64, MAX_DECIMAL64_PRECISION } from "@headcut/plan";

/**
 * The different values of a column of whole numbers, as bytes: a count of pages, then the pages in order, little-endian. A page is 65,536 neighbouring
 * values: its number (f64), how many of them there are (u32), and they themselves: their low 16 bits in order when they are at most 4,096, else a
 * bit for each (Chambi et al. 2016, "Better bitmap performance with Roaring bitmaps").
 */
export type KeySet = Uint8Array;

/** A larger set is not told: rows then travel as if nobody had asked. */
export const KEY_SET_LIMIT_BYTES = 256 * 1024;
/** Of the pages while a set is collected, 8 KiB each. */
const MAX_PAGES = 1024;
const PAGE_WORDS = 2048;
const MAX_LISTED = 4096;
const HEADER_BYTES = 12;

/** Whether values of a type are whole numbers as they travel. */
export const hasKeySets = (type: DataType): boolean => bytesOf(type) !== undefined;

/** Bytes of a value as it travels (`wireColumns`). */
const bytesOf = (type: DataType): 4 | 8 | undefined => {
  switch (type.kind) {
    case "int32":
    case "date":
      return 4;
    case "int64":
    case "time":
    case "timestamp":
      return 8;
    case "decimal":
      return type.precision <= MAX_DECIMAL64_PRECISION ? 8 : undefined;
    case "null":
    case "boolean":
    case "int8":
    case "int16":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
    case "float":
    case "double":
    case "varchar":
    case "blob":
    case "interval":
    case "uuid":
      return undefined;
  }
};

export interface KeySetBuilder {
  /** The column's values that are not NULL. */
  add(column: EncodedColumn, rowCount: number): void;
  addSet(set: KeySet): void;
  /** Undefined when there are too many, or too far apart. */
  finish(): KeySet | undefined;
}

/** Of columns of one type, which has key sets. */
export const keySetBuilder = (type: DataType): KeySetBuilder => {
  const bytes = bytesOf(type);
  const pages = new Map<number, Uint32Array>();
  let tooMany = false;
  let current: Uint32Array = new Uint32Array(0);
  let currentPage = Number.NaN;

  /** The bits of a page. Once there are too many, of none. */
  const pageOf = (page: number): Uint32Array => {
    const bits = pages.get(page) ?? new Uint32Array(PAGE_WORDS);
    pages.set(page, bits);
    if (pages.size > MAX_PAGES) {
      tooMany = true;
      pages.clear();
    }
    return bits;
  };
  const add = (column: EncodedColumn, rowCount: number): void => {
    const words = wordsOf(column.values, (rowCount * bytes!) / 4);
    const { validity } = column;
    for (let row = 0; row < rowCount && !tooMany; row++) {
      if (validity !== undefined && (validity[row >> 3]! & (1 << (row & 7))) === 0) continue;
      const low = bytes === 8 ? words[2 * row]! : words[row]!;
      const high = bytes === 8 ? words[2 * row + 1]! : low >> 31;
      const page = high * 65536 + (low >>> 16);
      if (page !== currentPage) {
        current = pageOf(page);
        currentPage = page;
      }
      current[(low >>> 5) & 2047]! |= 1 << (low & 31);
    }
  };
  const addSet = (set: KeySet): void => {
    for (const { page, count, body } of pagesOf(set)) {
      if (tooMany) return;
      const bits = pageOf(page);
      if (count > MAX_LISTED) for (let i = 0; i < PAGE_WORDS; i++) bits[i]! |= body.getUint32(4 * i, true);
      else
        for (let i = 0; i < count; i++) {
          const value = body.getUint16(2 * i, true);
          bits[value >>> 5]! |= 1 << (value & 31);
        }
    }
  };
  return { add, addSet, finish: () => (tooMany ? undefined : encode(pages)) };
};

const wordsOf = (values: Uint8Array, count: number): Int32Array => {
  const { buffer, byteOffset } = values.byteOffset % 4 === 0 ? values : Uint8Array.prototype.slice.call(values);
  return new Int32Array(buffer, byteOffset, count);
};

const encode = (pages: ReadonlyMap<number, Uint32Array>): KeySet | undefined => {
  const ordered = [...pages].sort(([a], [b]) => a - b).map(([page, bits]) => ({ page, bits, count: countOf(bits) }));
  const size = ordered.reduce((sum, { count }) => sum + HEADER_BYTES + bodyBytes(count), 4);
  if (size > KEY_SET_LIMIT_BYTES) return undefined;
  const set = new Uint8Array(size);
  const view = new DataView(set.buffer);
  view.setUint32(0, ordered.length, true);
  let at = 4;
  for (const { page, bits, count } of ordered) {
    view.setFloat64(at, page, true);
    view.setUint32(at + 8, count, true);
    at += HEADER_BYTES;
    if (count > MAX_LISTED) for (let i = 0; i < PAGE_WORDS; i++) view.setUint32(at + 4 * i, bits[i]!, true);
    else {
      let place = at;
      forEachBit(bits, (value) => {
        view.setUint16(place, value, true);
        place += 2;
      });
    }
    at += bodyBytes(count);
  }
  return set;
};

const bodyBytes = (count: number): number => (count > MAX_LISTED ? 4 * PAGE_WORDS : 2 * count);

const countOf = (bits: Uint32Array): number => {
  let count = 0;
  for (let i = 0; i < PAGE_WORDS; i++) {
    let word = bits[i]!;
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
};

const forEachBit = (bits: Uint32Array, visit: (value: number) => void): void => {
  for (let i = 0; i < PAGE_WORDS; i++) {
    for (let word = bits[i]!; word !== 0; word &= word - 1) visit(32 * i + 31 - Math.clz32(word & -word));
  }
};

interface Page {
  readonly page: number;
  readonly count: number;
  readonly body: DataView;
}

const pagesOf = (set: KeySet): readonly Page[] => {
  const view = new DataView(set.buffer, set.byteOffset, set.byteLength);
  let at = 4;
  return Array.from({ length: view.getUint32(0, true) }, () => {
    const page = view.getFloat64(at, true);
    const count = view.getUint32(at + 8, true);
    const body = new DataView(set.buffer, set.byteOffset + at + HEADER_BYTES, bodyBytes(count));
    at += HEADER_BYTES + bodyBytes(count);
    return { page, count, body };
  });
};

/** The union of what tasks told; undefined when one of them could not tell, or all together are too many. */
export const unitedKeys = (sets: readonly (KeySet | undefined)[]): KeySet | undefined => {
  if (sets.length === 1) return sets[0];
  const builder = keySetBuilder(int64);
  for (const set of sets) {
    if (set === undefined) return undefined;
    builder.addSet(set);
  }
  return builder.finish();
};

/** The values in order, as a column of their type as it travels. */
export const keySetRows = (set: KeySet, type: DataType): EncodedBatch => {
  const pages = pagesOf(set);
  const rowCount = pages.reduce((sum, { count }) => sum + count, 0);
  const wide = bytesOf(type) === 8;
  const words = new Int32Array(wide ? 2 * rowCount : rowCount);
  let row = 0;
  for (const { page, count, body } of pages) {
    const high = Math.floor(page / 65536);
    const base = (page - high * 65536) << 16;
    const put = (value: number): void => {
      if (wide) {
        words[2 * row] = base | value;
        words[2 * row + 1] = high;
      } else words[row] = base | value;
      row++;
    };
    if (count > MAX_LISTED)
      forEachBit(
        Uint32Array.from({ length: PAGE_WORDS }, (_, i) => body.getUint32(4 * i, true)),
        put,
      );
    else for (let i = 0; i < count; i++) put(body.getUint16(2 * i, true));
  }
  const values = new Uint8Array(words.buffer);
  return { rowCount, columns: [{ nullCount: 0, validity: undefined, offsets: undefined, values }] };
};
