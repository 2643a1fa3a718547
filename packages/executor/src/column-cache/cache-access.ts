import type { Heap } from "../memory/heap.ts";
import type { ColumnEntry } from "./column-entry.ts";
import { CACHE_SLOT_BYTES, type CacheTicket, cacheSlot, cacheState, ONE_READER, STATE_MASK } from "./slot.ts";

/** The cache's kernels (kernels/column-cache.ts). */
export interface CacheKernels {
  cacheOpen(account: number, slots: number, slotCount: number): void;
  cacheAllocate(bytes: number, uses: number): number;
  cacheTrim(slab: number, bytes: number): number;
  cacheFree(slab: number, bytes: number): void;
  cacheDrop(slot: number): number;
  cacheEvictions(): number;
}

/** What any thread may do with a chunk that it has a ticket for. */
export interface CacheAccess {
  /** The chunk's entry, which stays until `unpin`; undefined if it is not cached. */
  pin(ticket: CacheTicket): ColumnEntry | undefined;
  unpin(ticket: CacheTicket): void;
  /** Whether the chunk is cached at this moment. */
  has(ticket: CacheTicket): boolean;
  /** Whether it is this thread that makes the entry; then `publish` or `abandon` has to follow. */
  claim(ticket: CacheTicket): boolean;
  /** Shows the entry to all threads. It is pinned. */
  publish(ticket: CacheTicket, entry: ColumnEntry): void;
  abandon(ticket: CacheTicket): void;
}

export const cacheAccess = ({ memory: { i32, u32 } }: Pick<Heap, "memory">): CacheAccess => {
  const word = ({ slot }: CacheTicket): number => (slot + cacheSlot.word) >>> 2;
  const field = ({ slot }: CacheTicket, name: keyof typeof cacheSlot): number => (slot + cacheSlot[name]) >>> 2;
  const isFor = (ticket: CacheTicket): boolean => u32[field(ticket, "key")] === ticket.key;

  const read = (ticket: CacheTicket): ColumnEntry => {
    const get = (name: keyof typeof cacheSlot): number => u32[field(ticket, name)]!;
    const codes = get("codes");
    return {
      slab: get("slab"),
      bytes: get("bytes"),
      values: get("values"),
      valuesWidth: get("valuesWidth"),
      valid: get("valid"),
      codes,
      codesWidth: get("codesWidth"),
      dictionary:
        codes === 0
          ? undefined
          : { address: get("dictionary"), count: get("dictionaryCount"), id: get("dictionaryId") },
    };
  };

  return {
    pin(ticket) {
      const at = word(ticket);
      for (;;) {
        const seen = Atomics.load(i32, at);
        if ((seen & STATE_MASK) !== cacheState.ready) return undefined;
        if (Atomics.compareExchange(i32, at, seen, seen + ONE_READER) === seen) break;
      }
      if (isFor(ticket)) return read(ticket);
      Atomics.sub(i32, at, ONE_READER);
      return undefined;
    },

    unpin(ticket) {
      Atomics.sub(i32, word(ticket), ONE_READER);
    },

    has: (ticket) => (Atomics.load(i32, word(ticket)) & STATE_MASK) === cacheState.ready && isFor(ticket),

    claim(ticket) {
      const at = word(ticket);
      if (Atomics.compareExchange(i32, at, cacheState.empty, cacheState.building) !== cacheState.empty) return false;
      if (isFor(ticket)) return true;
      Atomics.store(i32, at, cacheState.empty);
      return false;
    },

    publish(ticket, entry) {
      u32.fill(0, field(ticket, "slab"), (ticket.slot + CACHE_SLOT_BYTES) >>> 2);
      const set = (name: keyof typeof cacheSlot, value: number): void => {
        u32[field(ticket, name)] = value;
      };
      set("slab", entry.slab);
      set("bytes", entry.bytes);
      set("values", entry.values);
      set("valuesWidth", entry.valuesWidth);
      set("valid", entry.valid);
      set("codes", entry.codes);
      set("codesWidth", entry.codesWidth);
      if (entry.dictionary !== undefined) {
        set("dictionary", entry.dictionary.address);
        set("dictionaryCount", entry.dictionary.count);
        set("dictionaryId", entry.dictionary.id);
      }
      Atomics.store(i32, word(ticket), cacheState.ready + ONE_READER);
    },

    abandon(ticket) {
      Atomics.store(i32, word(ticket), cacheState.empty);
    },
  };
};
