// The column cache as all threads see it: room for entries, and who must go. Layouts: src/column-cache/slot.ts.
import { onExhaustion, slabAllocateIdle, slabBytes, slabFreeTrimmed, slabTrim } from "./memory";

/** In the allocator's block: the account that entries are charged to, the slots, their number, where the clock's hand is. */
const BLOCK: usize = 0x40000 + 128;
const ACCOUNT: usize = BLOCK;
const SLOTS: usize = BLOCK + 4;
const SLOT_COUNT: usize = BLOCK + 8;
const HAND: usize = BLOCK + 12;
const EVICTIONS: usize = BLOCK + 16;

/** In the account, which is laid out as a query's. */
const ACCOUNT_LIMIT: usize = 8;
const ACCOUNT_USED: usize = 16;

const SLOT_SHIFT: u32 = 6;
/** A slot's state, when nobody reads it. */
const EMPTY: i32 = 0;
const READY: i32 = 2;
const EVICTING: i32 = 3;
const USES: usize = 8;
const LAST_USE: usize = 12;
const SLAB: usize = 16;
const BYTES: usize = 20;

/** Entries that the hand looks at to find a victim: nearly as good as all of them (Redis does the same). */
const SAMPLE: u32 = 64;

/** Once the slots are zeroed. 0 slots: the cache is gone. */
export function cacheOpen(account: u32, slots: u32, slotCount: u32): void {
  store<u32>(ACCOUNT, account);
  store<u32>(SLOTS, slots);
  atomic.store<u32>(HAND, 0);
  atomic.store<u32>(EVICTIONS, 0);
  atomic.store<u32>(SLOT_COUNT, slotCount);
}

/** What evicting everything would give; entries that are being read count too. */
export function cacheBytes(): u64 {
  if (atomic.load<u32>(SLOT_COUNT) == 0) return 0;
  return atomic.load<u64>((load<u32>(ACCOUNT) as usize) + ACCOUNT_USED);
}

export function cacheEvictions(): u32 {
  return atomic.load<u32>(EVICTIONS);
}

/** Frees the entry that has been used least, then longest ago, among some that were used less than `below` times. */
function evictOne(below: u32): bool {
  const count = atomic.load<u32>(SLOT_COUNT);
  if (count == 0) return false;
  const slots: usize = load<u32>(SLOTS);
  let at = atomic.load<u32>(HAND) % count;
  let victim: usize = 0;
  let victimUses = below;
  let victimTick: u32 = 0;
  let entries: u32 = 0;
  for (let seen: u32 = 0; seen < count && entries < SAMPLE; seen++) {
    const slot = slots + (at << SLOT_SHIFT);
    at = at + 1 == count ? 0 : at + 1;
    if (atomic.load<i32>(slot) != READY) continue;
    entries++;
    const uses = load<u32>(slot, USES);
    const tick = load<u32>(slot, LAST_USE);
    if (uses < victimUses || (victim != 0 && uses == victimUses && tick < victimTick)) {
      victim = slot;
      victimUses = uses;
      victimTick = tick;
    }
  }
  atomic.store<u32>(HAND, at);
  if (victim == 0) return false;
  // If another thread was faster, something has changed: whoever asked looks again.
  if (cacheDrop(victim as u32)) atomic.add<u32>(EVICTIONS, 1);
  return true;
}

function evictAny(): bool {
  return evictOne(0xffffffff);
}
onExhaustion(evictAny);

/** Frees a slot's entry unless somebody reads it. Whether it did. */
export function cacheDrop(slot: u32): bool {
  if (atomic.cmpxchg<i32>(slot, READY, EVICTING) != READY) return false;
  slabFreeTrimmed(load<u32>(ACCOUNT), load<u32>(slot, SLAB), load<u32>(slot, BYTES));
  atomic.store<i32>(slot, EMPTY);
  return true;
}

/** Room for an entry that has been used `uses` times, at the cost of entries that were used less. 0: none. */
export function cacheAllocate(bytes: u32, uses: u32): u32 {
  const account: usize = load<u32>(ACCOUNT);
  if ((slabBytes(bytes) as u64) > load<u64>(account, ACCOUNT_LIMIT)) return 0;
  let slab: u32;
  do slab = slabAllocateIdle(account, bytes);
  while (slab == 0 && evictOne(uses));
  return slab;
}

/** Gives back the unused end of a new entry's room; what is kept. */
export function cacheTrim(slab: u32, bytes: u32): u32 {
  return slabTrim(load<u32>(ACCOUNT), slab, bytes);
}

/** Gives back the room of an entry that was trimmed to `bytes`. */
export function cacheFree(slab: u32, bytes: u32): void {
  slabFreeTrimmed(load<u32>(ACCOUNT), slab, bytes);
}
