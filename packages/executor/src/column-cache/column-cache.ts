import { queryBlock } from "../layout/context.ts";
import type { Heap } from "../memory/heap.ts";
import type { CacheKernels } from "./cache-access.ts";
import { CACHE_SLOT_BYTES, type CacheTicket, cacheSlot, cacheState, STATE_MASK } from "./slot.ts";

/** Decoded column chunks that are kept in the shared memory as long as nothing else needs it. The main thread's side: which chunks there are. */
export interface ColumnCache {
  /** Begins a scan: what it asks tickets for is in use now. */
  beginScan(): void;
  /** Undefined when there is no slot left for the chunk. Another `identity` of a file's path ends all that is kept of the old one. */
  ticket(file: CachedFile, chunk: CachedChunk): CacheTicket | undefined;
  statistics(): ColumnCacheStatistics;
  /** All that it holds, of entries and else. */
  heldBytes(): number;
  /** Gives back all entries that no query reads now. */
  clear(): void;
  /** Gives everything back; no thread may use it any more. */
  close(): void;
}

export interface CachedFile {
  readonly path: string;
  readonly identity: string;
}

export interface CachedChunk {
  readonly rowGroup: number;
  /** The column's number in the file. */
  readonly leaf: number;
  /** What it takes at most, about. */
  readonly bytes: number;
}

export interface ColumnCacheStatistics {
  readonly limitBytes: number;
  /** What the entries take, and how many there are. */
  readonly bytes: number;
  readonly entries: number;
  /** Entries that had to go for others, or for queries. */
  readonly evictions: number;
}

/** An entry takes 64 KiB at least, so no more fit; as many again are chunks that are known but not cached. */
const BYTES_PER_SLOT = 32 << 10;
const MIN_SLOTS = 64;
/** Fewer than half of the possible keys of dictionaries (build-entry.ts). */
const MAX_KEYS = 2 ** 31;
/** A chunk that takes a larger part of the cache is left out. */
const LARGEST_PART = 1 / 4;
/** Counts of uses are halved when scans have asked for this many times the known chunks: what was hot once becomes cold. */
const AGING = 8;
/** Slots that are looked at to find one for a new chunk. */
const SAMPLE = 64;
const MAX_USES = 1 << 20;

interface Known extends CachedFile {
  /** Slot numbers by row group and column. */
  readonly slots: Map<string, number>;
}

export const createColumnCache = (heap: Heap, limitBytes: number): ColumnCache => {
  const { memory } = heap;
  const { u32, i32 } = memory;
  const kernels = heap.kernels as typeof heap.kernels & CacheKernels;
  const slotCount = Math.max(MIN_SLOTS, Math.floor(limitBytes / BYTES_PER_SLOT));
  const tableBytes = (slotCount + 1) * CACHE_SLOT_BYTES;
  const files = new Map<string, Known>();
  /** By slot: how to forget the chunk it stands for. */
  const forget: ((() => void) | undefined)[] = [];
  let table: { readonly block: number; readonly account: number; readonly slots: number } | undefined;
  let isClosed = false;
  let [used, hand, known, scan, asked, nextKey] = [0, 0, 0, 0, 0, 1];

  const open = (): typeof table => {
    if (table !== undefined || isClosed) return table;
    const block = kernels.slabAllocate(0, tableBytes) >>> 0;
    if (block === 0) return undefined;
    memory.bytes.fill(0, block, block + tableBytes);
    memory.u64[(block + queryBlock.limitBytes) >>> 3] = BigInt(limitBytes);
    table = { block, account: block, slots: block + CACHE_SLOT_BYTES };
    kernels.cacheOpen(table.account, table.slots, slotCount);
    return table;
  };

  const address = (slot: number): number => table!.slots + slot * CACHE_SLOT_BYTES;
  const field = (slot: number, name: keyof typeof cacheSlot): number => (address(slot) + cacheSlot[name]) >>> 2;
  const stateOf = (slot: number): number => Atomics.load(i32, field(slot, "word")) & STATE_MASK;

  /** Its entry goes now, or, if somebody reads it, as the next victim. */
  const kill = (slot: number): void => {
    u32[field(slot, "key")] = 0;
    u32[field(slot, "uses")] = 0;
    u32[field(slot, "lastUse")] = 0;
    kernels.cacheDrop(address(slot));
    forget[slot] = undefined;
    known--;
  };

  const age = (): void => {
    for (let slot = 0; slot < used; slot++) u32[field(slot, "uses")]! >>>= 1;
    asked = 0;
  };

  /** A slot without an entry, of the chunk that was used least. */
  const findSlot = (): number | undefined => {
    if (used < slotCount) return used++;
    let best: number | undefined;
    let fewest = 0;
    for (let i = 0; i < SAMPLE; i++) {
      hand = (hand + 1) % slotCount;
      const uses = u32[field(hand, "uses")]!;
      const isBusy = stateOf(hand) !== cacheState.empty || u32[field(hand, "lastUse")] === scan;
      if (isBusy || (best !== undefined && uses >= fewest)) continue;
      best = hand;
      fewest = uses;
    }
    return best;
  };

  const takeSlot = (file: Known, chunk: string): number | undefined => {
    if (nextKey === MAX_KEYS) return undefined;
    const slot = findSlot();
    if (slot === undefined) return undefined;
    // A thread with an old ticket may be looking at the slot: it sees no key, or another.
    const word = field(slot, "word");
    if (Atomics.compareExchange(i32, word, cacheState.empty, cacheState.building) !== cacheState.empty)
      return undefined;
    forget[slot]?.();
    if (forget[slot] !== undefined) kill(slot);
    u32[field(slot, "key")] = nextKey++;
    u32[field(slot, "uses")] = 0;
    forget[slot] = () => {
      file.slots.delete(chunk);
      if (file.slots.size === 0 && files.get(file.path) === file) files.delete(file.path);
    };
    Atomics.store(i32, word, cacheState.empty);
    file.slots.set(chunk, slot);
    known++;
    return slot;
  };

  const knownFile = ({ path, identity }: CachedFile): Known => {
    const before = files.get(path);
    if (before?.identity === identity) return before;
    for (const slot of before?.slots.values() ?? []) kill(slot);
    const file = { path, identity, slots: new Map<string, number>() };
    files.set(path, file);
    return file;
  };

  return {
    beginScan: () => {
      scan++;
      if (asked > AGING * known) age();
    },

    ticket: (cachedFile, { rowGroup, leaf, bytes }) => {
      if (bytes > limitBytes * LARGEST_PART || open() === undefined) return undefined;
      const file = knownFile(cachedFile);
      const chunk = `${rowGroup} ${leaf}`;
      const slot = file.slots.get(chunk) ?? takeSlot(file, chunk);
      if (slot === undefined) return undefined;
      const uses = Math.min(MAX_USES, u32[field(slot, "uses")]! + 1);
      u32[field(slot, "uses")] = uses;
      u32[field(slot, "lastUse")] = scan;
      asked++;
      return { slot: address(slot), key: u32[field(slot, "key")]!, uses };
    },

    statistics: () => {
      let entries = 0;
      if (table !== undefined)
        for (let slot = 0; slot < used; slot++) if (stateOf(slot) === cacheState.ready) entries++;
      return {
        limitBytes,
        bytes: Number(kernels.cacheBytes()),
        entries,
        evictions: table === undefined ? 0 : kernels.cacheEvictions(),
      };
    },

    heldBytes: () => (table === undefined ? 0 : Number(kernels.cacheBytes()) + (kernels.slabBytes(tableBytes) >>> 0)),

    clear: () => {
      if (table !== undefined) for (let slot = 0; slot < used; slot++) kernels.cacheDrop(address(slot));
    },

    close: () => {
      isClosed = true;
      if (table === undefined) return;
      kernels.cacheOpen(0, 0, 0);
      kernels.slabFreeAll(table.account);
      kernels.slabFree(0, table.block);
      table = undefined;
      files.clear();
    },
  };
};
