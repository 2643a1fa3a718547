// Pieces of sorting and of aggregates over sorted values. Entries: { prefix: u64, row: u32, 0 }, src/pipelines/sorting.
import { arenaAllocate } from "../memory";
import { addressOf, EMPTY, lengthOf, referenceTo } from "../reference";

const ENTRY_ROW: usize = 8;
const ENTRY_BYTES: u32 = 16;

/** The first eight bytes as a big-endian number, shorter strings filled with zeros: in the order of the bytes. */
export function stringPrefix(reference: u64): u64 {
  const address = addressOf(reference);
  const length = lengthOf(reference);
  if (length >= 8) return bswap(load<u64>(address));
  let prefix: u64 = 0;
  for (let i: u32 = 0; i < length; i++) prefix |= (load<u8>(address + i) as u64) << (56 - (i << 3));
  return prefix;
}

/**
 * The strings at `offset` in the entries' rows, joined by the separator, as a new string in the arena; 0 when out of
 * memory. At least one entry.
 */
export function joinStrings(entries: usize, count: u32, offset: u32, separator: u64, arena: usize): u64 {
  const gap = lengthOf(separator);
  let total: u64 = (gap as u64) * ((count - 1) as u64);
  const end = entries + count * ENTRY_BYTES;
  for (let entry = entries; entry < end; entry += ENTRY_BYTES) {
    total += lengthOf(load<u64>(load<u32>(entry, ENTRY_ROW) + offset));
  }
  if (total == 0) return EMPTY;
  if (total > 0x7fffffff) return 0;
  const text = arenaAllocate(arena, total as u32);
  if (text == 0) return 0;
  let to: usize = text;
  for (let entry = entries; entry < end; entry += ENTRY_BYTES) {
    if (entry != entries && gap > 0) {
      memory.copy(to, addressOf(separator), gap);
      to += gap;
    }
    const part = load<u64>(load<u32>(entry, ENTRY_ROW) + offset);
    const length = lengthOf(part);
    memory.copy(to, addressOf(part), length);
    to += length;
  }
  return referenceTo(text, total as u32);
}
