// What each thread keeps for one sink: src/pipelines/thread-states.ts.
import { arenaAllocate } from "../memory";

/** `threadCount` zeroed blocks of `stride` bytes, 64-aligned; 0 when out of memory. */
export function threadStatesCreate(arena: usize, threadCount: u32, stride: u32): u32 {
  const bytes = threadCount * stride;
  const block = arenaAllocate(arena, bytes + 56);
  if (block == 0) return 0;
  const aligned = (block + 63) & ~63;
  memory.fill(aligned, 0, bytes);
  return aligned;
}
