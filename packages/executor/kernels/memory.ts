// Slabs and arenas in the shared memory. Layouts: src/layout/context.ts.

/** Smallest slab: 64 KiB, one WebAssembly page; a slab is 2^order of them. */
const PAGE_SHIFT: u32 = 16;
const MAX_ORDER: u32 = 15;

/**
 * The allocator's own block: lock, end of the heap, free list heads by order, the column cache's block (column-cache.ts), from 192 on the
 * bytes that queries have on disk (src/spill/spool-io.ts), then one state byte per page.
 */
const CONTROL: usize = 0x40000;
const LOCK: usize = CONTROL;
const HEAP_END_PAGE: usize = CONTROL + 4;
const FREE_HEADS: usize = CONTROL + 64;
const PAGE_STATES: usize = CONTROL + 256;
/** For the first page of each slab in use, the query it was charged to: one u32 per page. */
const PAGE_OWNERS: usize = 0x60000;
/** And what it is for, as the thread said that took it (`chargeTo`): one u16 per page. */
const PAGE_PURPOSES: usize = 0xa0000;
/** Below lie the kernels' constants and the allocator's block. */
const HEAP_START: u32 = 0x100000;

const FREE: u8 = 0x80;
const USED: u8 = 0x40;

const QUERY_LIMIT: usize = 8;
const QUERY_USED: usize = 16;
const QUERY_PEAK: usize = 24;

function lock(): void {
  while (atomic.cmpxchg<i32>(LOCK, 0, 1) != 0) {
    while (atomic.load<i32>(LOCK) != 0) {}
  }
}

function unlock(): void {
  atomic.store<i32>(LOCK, 0);
}

// A free block holds { next free block, previous free block } of its order.
function pushFree(block: u32, order: u32): void {
  const head: usize = FREE_HEADS + (order << 2);
  const next = load<u32>(head);
  store<u32>(block, next, 0);
  store<u32>(block, 0, 4);
  if (next != 0) store<u32>(next, block, 4);
  store<u32>(head, block);
  store<u8>(PAGE_STATES + (block >> PAGE_SHIFT), FREE | (order as u8));
}

function removeFree(block: u32, order: u32): void {
  const next = load<u32>(block, 0);
  const previous = load<u32>(block, 4);
  if (previous != 0) store<u32>(previous, next, 0);
  else store<u32>(FREE_HEADS + (order << 2), next);
  if (next != 0) store<u32>(next, previous, 4);
}

/**
 * Once per memory, by the thread that made it: the heap is [HEAP_START, pages * 64 KiB), at most 4 GiB - 64 KiB. Blocks are pushed from the
 * top down, so that every list begins at its lowest address.
 */
export function initializeHeap(pages: u32): void {
  store<u32>(LOCK, 0);
  store<u32>(HEAP_END_PAGE, pages);
  let end = pages;
  const start = HEAP_START >> PAGE_SHIFT;
  while (end > start) {
    let order = min<u32>(ctz(end), MAX_ORDER);
    while (end - start < (1 << order)) order--;
    end -= 1 << order;
    pushFree(end << PAGE_SHIFT, order);
  }
}

function orderOf(bytes: u32): u32 {
  const pages: u32 = (((bytes as u64) + 0xffff) >> PAGE_SHIFT) as u32;
  return pages <= 1 ? 0 : 32 - clz(pages - 1);
}

/** Bytes that a slab of at least `bytes` (at most 2 GiB) really takes. */
export function slabBytes(bytes: u32): u32 {
  return 1 << (orderOf(bytes) + PAGE_SHIFT);
}

/** Whether `bytes` more stay within the query's limit; if so they are counted. */
function account(query: usize, bytes: u64): bool {
  if (query == 0) return true;
  const used = atomic.add<u64>(query + QUERY_USED, bytes) + bytes;
  if (used > load<u64>(query + QUERY_LIMIT)) {
    atomic.sub<u64>(query + QUERY_USED, bytes);
    return false;
  }
  let peak = atomic.load<u64>(query + QUERY_PEAK);
  while (used > peak) {
    const seen = atomic.cmpxchg<u64>(query + QUERY_PEAK, peak, used);
    if (seen == peak) break;
    peak = seen;
  }
  return true;
}

/** Frees some memory that nobody needs urgently; false: there is none. */
type Reclaim = () => bool;
let reclaim: Reclaim | null = null;

/** Whom to ask when the memory is exhausted, before a query fails. */
export function onExhaustion(ask: Reclaim): void {
  reclaim = ask;
}

/**
 * A slab of at least `bytes` (contents undefined), charged to `query` (0: to nobody). 0 when the query's limit or the
 * memory is exhausted. At most 2 GiB.
 */
export function slabAllocate(query: usize, bytes: u32): u32 {
  return allocate(query, bytes, true, false);
}

/** As `slabAllocate`, but no more than `bytes` rounded up to 64 KiB, which are several slabs side by side: freed by `slabFreeTrimmed`. */
export function slabAllocateTrimmed(query: usize, bytes: u32): u32 {
  return allocate(query, bytes, true, true);
}

/** As `slabAllocate`, for who can do without: nothing is reclaimed for it. */
export function slabAllocateIdle(query: usize, bytes: u32): u32 {
  return allocate(query, bytes, false, false);
}

function allocate(query: usize, bytes: u32, urgent: bool, trimmed: bool): u32 {
  const order = orderOf(bytes);
  if (order > MAX_ORDER) return 0;
  const kept: u32 = trimmed ? pagesOf(bytes) : (1 as u32) << order;
  const size: u64 = (kept as u64) << PAGE_SHIFT;
  if (!account(query, size)) return 0;
  for (;;) {
    const block = takeBlock(query, order, kept);
    if (block != 0) return block;
    const ask = reclaim;
    if (!urgent || ask === null || !ask()) break;
  }
  if (query != 0) atomic.sub<u64>(query + QUERY_USED, size);
  return 0;
}

/** Of the block's pages, the first `kept` are used. */
function takeBlock(query: usize, order: u32, kept: u32): u32 {
  lock();
  let from = order;
  while (from <= MAX_ORDER && load<u32>(FREE_HEADS + (from << 2)) == 0) from++;
  if (from > MAX_ORDER) {
    unlock();
    return 0;
  }
  const block = load<u32>(FREE_HEADS + (from << 2));
  removeFree(block, from);
  while (from > order) {
    from--;
    pushFree(block + (1 << (from + PAGE_SHIFT)), from);
  }
  useFirst(block >> PAGE_SHIFT, order, kept, query);
  unlock();
  return block;
}

/** Of what this thread allocates from now on. */
let purpose: u32 = 0;

/** Says what the slabs are for that this thread takes from now on; for reports (src/memory/held-memory.ts). Returns what was said before. */
export function chargeTo(next: u32): u32 {
  const before = purpose;
  purpose = next;
  return before;
}

@inline
function use(page: u32, order: u32, query: usize): void {
  store<u8>(PAGE_STATES + page, USED | (order as u8));
  store<u32>(PAGE_OWNERS + (page << 2), query as u32);
  store<u16>(PAGE_PURPOSES + (page << 1), purpose as u16);
}

/** Uses the first `kept` pages of a block as slabs side by side, and gives the others back. */
function useFirst(block: u32, blockOrder: u32, kept: u32, query: usize): void {
  let page = block;
  let order = blockOrder;
  let left = kept;
  while (left < ((1 as u32) << order)) {
    order--;
    const half: u32 = 1 << order;
    if (left <= half) {
      release(page + half, order);
    } else {
      use(page, order, query);
      page += half;
      left -= half;
    }
  }
  use(page, order, query);
}

@inline
function pagesOf(bytes: u32): u32 {
  return max<u32>(1, (((bytes as u64) + 0xffff) >> PAGE_SHIFT) as u32);
}

/**
 * Gives back the end of a slab, keeping its first `bytes` (rounded up to 64 KiB), which are from now on several slabs side by side:
 * freed by `slabFreeTrimmed`. Returns what is kept.
 */
export function slabTrim(query: usize, slab: u32, bytes: u32): u32 {
  lock();
  const page = slab >> PAGE_SHIFT;
  const order: u32 = load<u8>(PAGE_STATES + page) & 0x3f;
  const total: u64 = (1 as u64) << (order + PAGE_SHIFT);
  const kept = pagesOf(bytes);
  useFirst(page, order, kept, query);
  unlock();
  if (query != 0) atomic.sub<u64>(query + QUERY_USED, total - ((kept as u64) << PAGE_SHIFT));
  return kept << PAGE_SHIFT;
}

/** Gives back what `slabTrim` kept, `bytes` as it returned them. */
export function slabFreeTrimmed(query: usize, slab: u32, bytes: u32): void {
  lock();
  let page = slab >> PAGE_SHIFT;
  const end = page + (bytes >> PAGE_SHIFT);
  while (page < end) {
    const order: u32 = load<u8>(PAGE_STATES + page) & 0x3f;
    release(page, order);
    page += 1 << order;
  }
  unlock();
  if (query != 0) atomic.sub<u64>(query + QUERY_USED, bytes as u64);
}

/** Gives back a slab of `slabAllocate` with the same query. Traps when `slab` is no slab in use: freed twice, or never one. */
export function slabFree(query: usize, slab: u32): void {
  lock();
  let page = slab >> PAGE_SHIFT;
  const state = load<u8>(PAGE_STATES + page);
  if ((state & USED) == 0 || (slab & 0xffff) != 0) {
    unlock();
    unreachable();
  }
  const size = release(page, state & 0x3f);
  unlock();
  if (query != 0) atomic.sub<u64>(query + QUERY_USED, size);
}

/** Joins the block with its free neighbours; its bytes. */
function release(first: u32, firstOrder: u32): u64 {
  let page = first;
  let order = firstOrder;
  store<u8>(PAGE_STATES + page, 0);
  const end = load<u32>(HEAP_END_PAGE);
  while (order < MAX_ORDER) {
    const buddy = page ^ (1 << order);
    if (buddy + (1 << order) > end || load<u8>(PAGE_STATES + buddy) != (FREE | (order as u8))) break;
    removeFree(buddy << PAGE_SHIFT, order);
    store<u8>(PAGE_STATES + buddy, 0);
    page = min(page, buddy);
    order++;
  }
  pushFree(page << PAGE_SHIFT, order);
  return (1 as u64) << (firstOrder + PAGE_SHIFT);
}

/** Gives back every slab that is charged to `query`, whose threads have all stopped: whatever its end, nothing of it stays. */
export function slabFreeAll(query: usize): void {
  lock();
  const end = load<u32>(HEAP_END_PAGE);
  let page = HEAP_START >> PAGE_SHIFT;
  while (page < end && load<u64>(query + QUERY_USED) != 0) {
    const state = load<u8>(PAGE_STATES + page);
    const order: u32 = state & 0x3f;
    if ((state & USED) != 0 && load<u32>(PAGE_OWNERS + (page << 2)) == (query as u32)) {
      atomic.sub<u64>(query + QUERY_USED, release(page, order));
    }
    page += 1 << order;
  }
  unlock();
}

/** Bytes free in the whole memory, for tests and metrics. */
export function heapFreeBytes(): u64 {
  let total: u64 = 0;
  lock();
  for (let order: u32 = 0; order <= MAX_ORDER; order++) {
    let block = load<u32>(FREE_HEADS + (order << 2));
    while (block != 0) {
      total += (1 as u64) << (order + PAGE_SHIFT);
      block = load<u32>(block, 0);
    }
  }
  unlock();
  return total;
}

const ARENA_NEXT: usize = 4;
const ARENA_END: usize = 8;
const ARENA_SLAB: usize = 12;
const SLAB_HEADER: u32 = 16;

/** An empty arena at `arena` (16 bytes, the caller's). */
export function arenaInitialize(arena: usize, query: u32): void {
  store<u32>(arena, query);
  store<u32>(arena, 0, ARENA_NEXT);
  store<u32>(arena, 0, ARENA_END);
  store<u32>(arena, 0, ARENA_SLAB);
}

/** `bytes` (8-aligned, contents undefined) that live until the arena is reset or freed; 0 when out of memory. */
export function arenaAllocate(arena: usize, bytes: u32): u32 {
  if (bytes > 0x7fffff00) return 0;
  const size = (bytes + 7) & ~7;
  const next = load<u32>(arena, ARENA_NEXT);
  if (size <= load<u32>(arena, ARENA_END) - next && next != 0) {
    store<u32>(arena, next + size, ARENA_NEXT);
    return next;
  }
  return arenaGrow(arena, size);
}

/** Largest of the usual slabs: 1 MiB, or of what the query may have, no more than a 64th. */
function largestSlab(query: usize): u32 {
  const share = load<u64>(query, QUERY_LIMIT) >> 6;
  let bytes: u32 = 0x100000;
  while (bytes > 0x10000 && (bytes as u64) > share) bytes >>= 1;
  return bytes;
}

// Slabs double, so a small query takes 64 KiB and a large one few slabs.
function arenaGrow(arena: usize, size: u32): u32 {
  const query = load<u32>(arena);
  const previous = load<u32>(arena, ARENA_SLAB);
  const usual = previous == 0 ? 0x10000 : min<u32>(load<u32>(previous, 4) << 1, largestSlab(query));
  const wanted = max<u32>(usual, size + SLAB_HEADER);
  const slab = slabAllocate(query, wanted);
  if (slab == 0) return 0;
  const total = slabBytes(wanted);
  store<u32>(slab, previous, 0);
  store<u32>(slab, total, 4);
  store<u32>(arena, slab, ARENA_SLAB);
  store<u32>(arena, slab + SLAB_HEADER + size, ARENA_NEXT);
  store<u32>(arena, slab + total, ARENA_END);
  return slab + SLAB_HEADER;
}

/** Forgets all allocations but keeps the newest slab. */
export function arenaReset(arena: usize): void {
  const slab = load<u32>(arena, ARENA_SLAB);
  if (slab == 0) return;
  const older = load<u32>(slab, 0);
  if (older != 0) {
    freeChain(load<u32>(arena), older);
    store<u32>(slab, 0, 0);
  }
  store<u32>(arena, slab + SLAB_HEADER, ARENA_NEXT);
  store<u32>(arena, slab + load<u32>(slab, 4), ARENA_END);
}

/** Gives all slabs back. */
export function arenaFree(arena: usize): void {
  const query = load<u32>(arena);
  freeChain(query, load<u32>(arena, ARENA_SLAB));
  arenaInitialize(arena, query);
}

function freeChain(query: u32, first: u32): void {
  let slab = first;
  while (slab != 0) {
    const previous = load<u32>(slab, 0);
    slabFree(query, slab);
    slab = previous;
  }
}
