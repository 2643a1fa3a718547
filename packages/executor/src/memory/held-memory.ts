import type { SharedMemory } from "./shared-memory.ts";

/** Bytes of a query's slabs, by what they are for. */
export interface HeldMemory {
  /** As `chargeTo` was told: 0 for the query itself, otherwise an operator's number, plus one. */
  readonly purpose: number;
  readonly bytes: number;
}

/** What a thread says that it allocates for, before it runs an operator's code. */
export const purposeOf = (operatorId: number): number => operatorId + 1;

/** kernels/memory.ts: a byte, the owner's address and the purpose of each page. */
const PAGE_STATES = 0x40000 + 256;
const PAGE_OWNERS = 0x60000;
const PAGE_PURPOSES = 0xa0000;
const HEAP_START_PAGE = 16;
const USED = 0x40;
const ORDER_MASK = 0x3f;
const PAGE_SHIFT = 16;

/** The slabs that are charged to the query now, most first. Other queries may go on allocating meanwhile. */
export const heldMemory = ({ bytes, u32, view }: SharedMemory, query: number): HeldMemory[] => {
  const held = new Map<number, number>();
  const pages = bytes.length >>> PAGE_SHIFT;
  for (let page = HEAP_START_PAGE; page < pages; page++) {
    const state = bytes[PAGE_STATES + page]!;
    if ((state & USED) === 0 || u32[(PAGE_OWNERS >>> 2) + page] !== query) continue;
    const purpose = view.getUint16(PAGE_PURPOSES + 2 * page, true);
    held.set(purpose, (held.get(purpose) ?? 0) + 2 ** ((state & ORDER_MASK) + PAGE_SHIFT));
  }
  return [...held].map(([purpose, size]) => ({ purpose, bytes: size })).sort((a, b) => b.bytes - a.bytes);
};
