// Which build rows of a join on disk are next. Layout: src/spill/spill-join.ts.
import { arenaAllocate, slabAllocate, slabFree } from "../memory";
import {
  ENTRY_BYTES,
  ENTRY_NEXT,
  ENTRY_ROWS,
  RECORD_BLOCKS,
  RECORD_FIRST,
  RECORD_ROWS,
  spoolList,
  spoolRecord,
  spoolRoom,
} from "./spill";

// { more, the partition's number plus one, build blocks of earlier turns, 1: these are the partition's last build rows, blocks to read, { entry, address } of each, a byte for each of the
// partition's probe rows, 0, list of probe blocks (8 bytes) }
const MORE: usize = 0;
const PARTITION: usize = 4;
const TAKEN: usize = 8;
const IS_LAST: usize = 12;
const TASKS: usize = 16;
const BLOCKS: usize = 20;
const FLAGS: usize = 24;
const PROBE_LIST: usize = 32;

/** In the table: { directory, mask, list of segments: array, their number, rows: u64 }. */
const LIST_SEGMENTS: usize = 8;
const LIST_COUNT: usize = 12;
const LIST_ROWS: usize = 16;

/** What is wanted of the rows of one side without a match, and of probe rows over several turns. */
const WANTS_PROBE: u32 = 1;
const WANTS_BUILD: u32 = 2;
const REMEMBERS: u32 = 4;

/** Of a row in the directory, which is at most three times as long as there are rows. */
const DIRECTORY_BYTES: u64 = 12;

function noRows(state: usize, table: usize): void {
  store<u32>(state, 0, TASKS);
  store<u32>(state, 0, PROBE_LIST);
  store<u32>(state, 0, PROBE_LIST + 4);
  store<u32>(table, 0, LIST_SEGMENTS);
  store<u32>(table, 0, LIST_COUNT);
  store<u64>(table, 0, LIST_ROWS);
}

/**
 * Goes on to the next partition, unless there are more build rows of the last one. When there are none, `more` is 0. False when out of memory.
 */
export function spillJoinNext(
  state: usize,
  table: usize,
  build: usize,
  probe: usize,
  partitions: u32,
  wants: u32,
  arena: usize,
): bool {
  let partition = load<u32>(state, PARTITION);
  noRows(state, table);
  store<u32>(state, 1, MORE);
  if (partition == 0 || load<u32>(state, IS_LAST) != 0) {
    const query: usize = load<u32>(arena);
    if (load<u32>(state, FLAGS) != 0) slabFree(query, load<u32>(state, FLAGS));
    store<u32>(state, 0, FLAGS);
    partition = nextPartition(partition, build, probe, partitions, wants);
    if (partition > partitions) {
      store<u32>(state, 0, MORE);
      return true;
    }
    store<u32>(state, partition, PARTITION);
    store<u32>(state, 0, TAKEN);
    const rows = load<u64>(spoolRecord(probe, partition - 1), RECORD_ROWS);
    if ((wants & REMEMBERS) != 0 && rows > 0) {
      if (rows > 0x7fffffff) return false;
      const flags = slabAllocate(query, rows as u32);
      if (flags == 0) return false;
      memory.fill(flags, 0, rows as u32);
      store<u32>(state, flags, FLAGS);
    }
  }
  return true;
}

/** Makes room for as many of the partition's next build rows as half of the memory that is left holds. False when out of memory. */
export function spillJoinTake(state: usize, table: usize, build: usize, probe: usize, arena: usize): bool {
  const partition = load<u32>(state, PARTITION) - 1;
  if (!spoolList(probe, partition, state + PROBE_LIST, arena)) return false;
  let first = load<u32>(spoolRecord(build, partition), RECORD_FIRST);
  for (let i = load<u32>(state, TAKEN); i > 0; i--) first = load<u32>(first, ENTRY_NEXT);
  return takeBlocks(state, table, first, arena);
}

function nextPartition(last: u32, build: usize, probe: usize, partitions: u32, wants: u32): u32 {
  for (let partition = last + 1; partition <= partitions; partition++) {
    const hasBuild = load<u32>(spoolRecord(build, partition - 1), RECORD_BLOCKS) != 0;
    const hasProbe = load<u32>(spoolRecord(probe, partition - 1), RECORD_BLOCKS) != 0;
    if (hasBuild && hasProbe) return partition;
    if (hasProbe && (wants & WANTS_PROBE) != 0) return partition;
    if (hasBuild && (wants & WANTS_BUILD) != 0) return partition;
  }
  return partitions + 1;
}

function takeBlocks(state: usize, table: usize, first: u32, arena: usize): bool {
  const budget = spoolRoom(arena) >> 1;
  let count: u32 = 0;
  let wanted: u64 = 0;
  for (let entry = first; entry != 0; entry = load<u32>(entry, ENTRY_NEXT)) {
    wanted += (load<u32>(entry, ENTRY_BYTES) as u64) + (load<u32>(entry, ENTRY_ROWS) as u64) * DIRECTORY_BYTES + 64;
    if (count > 0 && wanted > budget) break;
    count++;
  }
  const blocks = arenaAllocate(arena, max<u32>(count << 3, 8));
  const segments = arenaAllocate(arena, max<u32>(count << 4, 8));
  if (blocks == 0 || segments == 0) return false;
  let entry = first;
  let taken: u32 = 0;
  let rows: u64 = 0;
  for (; taken < count; taken++) {
    let address = arenaAllocate(arena, load<u32>(entry, ENTRY_BYTES) + 8);
    if (address == 0) {
      if (taken == 0) return false;
      break;
    }
    address = (address + 15) & ~15;
    store<u32>(blocks + (taken << 3), entry, 0);
    store<u32>(blocks + (taken << 3), address, 4);
    const segment: usize = segments + (taken << 4);
    store<u32>(segment, address, 0);
    store<u32>(segment, 0, 4);
    store<u32>(segment, load<u32>(entry, ENTRY_ROWS), 8);
    store<u32>(segment, 0, 12);
    rows += load<u32>(entry, ENTRY_ROWS);
    entry = load<u32>(entry, ENTRY_NEXT);
  }
  store<u32>(state, load<u32>(state, TAKEN) + taken, TAKEN);
  store<u32>(state, entry == 0 ? 1 : 0, IS_LAST);
  store<u32>(state, taken, TASKS);
  store<u32>(state, blocks, BLOCKS);
  store<u32>(table, segments, LIST_SEGMENTS);
  store<u32>(table, taken, LIST_COUNT);
  store<u64>(table, rows, LIST_ROWS);
  return true;
}
