/**
 * Memory that rows are collected in before they are handed on, used again and again: V8 collects its whole heap for every 64 MiB of fresh
 * buffers, which costs more than filling them.
 */
export interface WorkingBuffers {
  /** At least so many bytes, a power of two, with anything in them. */
  take(bytes: number): Uint8Array<ArrayBuffer>;
  /** For others to take; not to be used by the giver any more. */
  give(buffer: Uint8Array<ArrayBuffer>): void;
}

const LEAST_BYTES = 4096;
/** Larger ones are rare, and not kept. */
const MOST_BYTES = 4 << 20;
/** Kept in all. */
const MAX_HELD_BYTES = 32 << 20;

export const workingBuffers = (maxHeldBytes = MAX_HELD_BYTES): WorkingBuffers => {
  const free = new Map<number, Uint8Array<ArrayBuffer>[]>();
  let held = 0;
  return {
    take: (bytes) => {
      let size = LEAST_BYTES;
      while (size < bytes) size *= 2;
      const found = free.get(size)?.pop();
      if (found === undefined) return new Uint8Array(size);
      held -= size;
      return found;
    },
    give: (buffer) => {
      const size = buffer.length;
      if (size === 0 || size > MOST_BYTES || held + size > maxHeldBytes) return;
      const same = free.get(size);
      if (same === undefined) free.set(size, [buffer]);
      else same.push(buffer);
      held += size;
    },
  };
};
