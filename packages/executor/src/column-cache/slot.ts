/**
 * The column cache's slots: one for each column chunk it knows, cached or not, in a table in the shared memory (kernels/column-cache.ts
 * reads it too). All fields u32, byte offsets from the slot's address.
 */
export const cacheSlot = {
  /** One word, changed atomically: the state in the low two bits, above it how many threads read the entry. */
  word: 0,
  /** Which chunk the slot stands for: a number that no other chunk ever gets. 0: none. */
  key: 4,
  /** How often scans wanted the chunk, halved now and then. */
  uses: 8,
  /** When one last did, counted in scans. */
  lastUse: 12,
  /** The entry's memory, and its bytes. */
  slab: 16,
  bytes: 20,
  /** As in `ColumnEntry`. */
  values: 24,
  valuesWidth: 28,
  valid: 32,
  codes: 36,
  codesWidth: 40,
  dictionary: 44,
  dictionaryCount: 48,
  dictionaryId: 52,
} as const;

export const CACHE_SLOT_BYTES = 64;

/**
 * empty → building → ready → evicting → empty. Only who takes a slot from empty or ready to the next state touches the entry; readers
 * count themselves in while it is ready, and it is evicted only when there are none.
 */
export const cacheState = { empty: 0, building: 1, ready: 2, evicting: 3 } as const;

export const STATE_MASK = 3;
export const ONE_READER = 4;

/** A scan's right to look for a chunk in the cache, and to put it there. */
export interface CacheTicket {
  /** Address of the chunk's slot. */
  readonly slot: number;
  readonly key: number;
  /** How often the chunk was wanted: nothing that was wanted as often has to go for it. */
  readonly uses: number;
}
