import type { ByteRange } from "./object-client.ts";

/** The end of an object: a Parquet file has its footer there, and mostly its indexes. */
interface Tail extends ByteRange {
  readonly bytes: Uint8Array;
}

/** Ends of objects, kept in memory: what planning reads piece by piece comes with one request. */
export interface Tails {
  /** Whether the bytes are part of the object's tail. */
  covers(sizeBytes: number, range: ByteRange): boolean;
  /** The kept tail, if it has these bytes. */
  find(id: string, range: ByteRange): Tail | undefined;
  /** The tail, fetched unless it is kept. */
  get(id: string, sizeBytes: number, fetch: (range: ByteRange, target: Uint8Array) => Promise<void>): Promise<Tail>;
}

export const TAIL_BYTES = 256 * 1024;
const MAX_KEPT_BYTES = 64 << 20;

export const createTails = (maxBytes = MAX_KEPT_BYTES): Tails => {
  /** The longest unused first. */
  const kept = new Map<string, Tail>();
  let keptBytes = 0;

  const keep = (id: string, tail: Tail): void => {
    if (kept.has(id)) return;
    kept.set(id, tail);
    keptBytes += tail.bytes.length;
    for (const [old, { bytes }] of kept) {
      if (keptBytes <= maxBytes || old === id) return;
      kept.delete(old);
      keptBytes -= bytes.length;
    }
  };
  const find = (id: string, range: ByteRange): Tail | undefined => {
    const tail = kept.get(id);
    if (tail === undefined || range.start < tail.start || range.end > tail.end) return undefined;
    kept.delete(id);
    kept.set(id, tail);
    return tail;
  };

  return {
    covers: (sizeBytes, { start, end }) => start >= sizeBytes - TAIL_BYTES && end <= sizeBytes,
    find,
    get: async (id, sizeBytes, fetch) => {
      const range = { start: Math.max(0, sizeBytes - TAIL_BYTES), end: sizeBytes };
      const known = find(id, range);
      if (known !== undefined) return known;
      const tail = { ...range, bytes: new Uint8Array(range.end - range.start) };
      await fetch(range, tail.bytes);
      keep(id, tail);
      return tail;
    },
  };
};
