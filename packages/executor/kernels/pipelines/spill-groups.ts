// Which rows of an aggregation on disk are next. Layout: src/spill/spill-aggregate.ts.
import { RECORD_BLOCKS, spoolRecord } from "./spill";

// { more, failed, the partition's number plus one, bits, value, mask, most bits, 0, list of blocks (8 bytes) }. Rows of the partition whose hash ends with `bits` bits of `value`.
const MORE: usize = 0;
const FAILED: usize = 4;
const PARTITION: usize = 8;
const BITS: usize = 12;
const VALUE: usize = 16;
const MASK: usize = 20;
const MOST_BITS: usize = 24;
const LIST: usize = 32;

/** Where rows of 2^16 times fewer hashes need too much memory, they are a few groups, each of which needs much. */
const MAX_BITS: u32 = 16;

/**
 * Goes on to the next rows: half of the last ones if those needed too much memory, otherwise the other half, the rest of the partition, or the next
 * partition. When there are none, `more` is 0. The list is empty. False: nothing smaller is left.
 */
export function spillGroupsNext(state: usize, spool: usize, partitions: u32): bool {
  let partition = load<u32>(state, PARTITION);
  let bits = load<u32>(state, BITS);
  let value = load<u32>(state, VALUE);
  let most = load<u32>(state, MOST_BITS);
  store<u32>(state, 1, MORE);
  store<u32>(state, 0, LIST);
  store<u32>(state, 0, LIST + 4);
  if (load<u32>(state, FAILED) != 0) {
    store<u32>(state, 0, FAILED);
    bits++;
    if (bits > MAX_BITS) return false;
    most = max(most, bits);
  } else {
    while (bits > 0 && ((value >>> (bits - 1)) & 1) != 0) {
      bits--;
      value &= ~((1 as u32) << bits);
    }
    if (bits == 0) {
      partition++;
      while (partition <= partitions && load<u32>(spoolRecord(spool, partition - 1), RECORD_BLOCKS) == 0) partition++;
      if (partition > partitions) {
        store<u32>(state, 0, MORE);
        return true;
      }
    } else {
      value |= (1 as u32) << (bits - 1);
    }
    // What was too much once is not tried again.
    bits = max(bits, most);
  }
  store<u32>(state, partition, PARTITION);
  store<u32>(state, bits, BITS);
  store<u32>(state, value, VALUE);
  store<u32>(state, ((1 as u32) << bits) - 1, MASK);
  store<u32>(state, most, MOST_BITS);
  return true;
}
