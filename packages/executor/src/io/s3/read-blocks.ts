import type { Piece } from "../byte-source.ts";
import type { DiskCache } from "../disk-cache/disk-cache.ts";
import type { ByteRange } from "./object-client.ts";
import { planRequests, rangeOf, scatter } from "./plan-requests.ts";

/** Objects are cached in blocks of this size, the last one shorter. */
export const BLOCK_BYTES = 1 << 20;
/** Blocks that are fetched at once wait in memory until the last of them is there. */
const MAX_FETCH_BYTES = 4 << 20;

export interface BlockRead {
  /** What tells the object's content apart from all others. */
  readonly object: string;
  readonly sizeBytes: number;
  readonly cache: DiskCache;
  readonly signal: AbortSignal;
  readonly fetch: (range: ByteRange, take: (bytes: Uint8Array, start: number) => void) => Promise<void>;
}

/** Blocks on their way from the store, so that who wants them too waits for them. */
export type BlocksUnderWay = Map<string, Promise<Uint8Array | undefined>>;

/** Reads pieces by way of the cache: the blocks they lie in, whole, from the disk if they are there. */
export const readBlocks = async (
  { object, sizeBytes, cache, signal, fetch }: BlockRead,
  pieces: readonly Piece[],
  underWay: BlocksUnderWay,
): Promise<void> => {
  const nameOf = (block: number): string => `${object}#${block}`;

  const readCached = async (block: number): Promise<boolean> => {
    const coming = underWay.get(nameOf(block));
    const bytes =
      (coming === undefined ? undefined : await unlessAborted(coming, signal)) ?? (await cache.get(object, block));
    signal.throwIfAborted();
    const { start, end } = blockRange(block, sizeBytes);
    if (bytes === undefined || bytes.length !== end - start) return false;
    scatter(bytes, start, pieces);
    return true;
  };

  const fetchBlocks = async ({ start, end }: ByteRange): Promise<void> => {
    const bytes = new Uint8Array(end - start);
    const done = fetch({ start, end }, (more, position) => bytes.set(more, position - start));
    const blocks = blocksOf([{ start, end }]);
    const contentOf = (block: number): Uint8Array =>
      bytes.subarray(block * BLOCK_BYTES - start, Math.min(end, (block + 1) * BLOCK_BYTES) - start);
    for (const block of blocks) {
      const name = nameOf(block);
      // Who else waits asks for itself when this fails: it may have been cancelled.
      const content = done.then(
        () => contentOf(block),
        () => undefined,
      );
      underWay.set(name, content);
      content.then(() => underWay.delete(name));
    }
    await done;
    scatter(bytes, start, pieces);
    for (const block of blocks) cache.put(object, block, contentOf(block));
  };

  let wanted = blocksOf(pieces.map(rangeOf));
  while (wanted.length > 0) {
    const found = await allSettled(wanted.map(readCached));
    const missing = wanted.filter((_, i) => !found[i]);
    // Others may have begun to fetch some meanwhile.
    const free = missing.filter((block) => !underWay.has(nameOf(block)));
    const ranges = free.map((block) => blockRange(block, sizeBytes));
    await allSettled(planRequests(ranges, 0, MAX_FETCH_BYTES).map(fetchBlocks));
    wanted = missing.filter((block) => !free.includes(block));
  }
};

const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });

/** All have ended, then the first error is thrown. */
export const allSettled = async <T>(work: readonly Promise<T>[]): Promise<T[]> =>
  (await Promise.allSettled(work)).map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });

const blockRange = (block: number, sizeBytes: number): ByteRange => ({
  start: block * BLOCK_BYTES,
  end: Math.min(sizeBytes, (block + 1) * BLOCK_BYTES),
});

/** Indexes of the blocks that the ranges touch, ascending. */
const blocksOf = (ranges: readonly ByteRange[]): number[] => {
  const blocks = new Set<number>();
  for (const { start, end } of ranges) {
    for (let block = Math.floor(start / BLOCK_BYTES); block * BLOCK_BYTES < end; block++) blocks.add(block);
  }
  return [...blocks].sort((a, b) => a - b);
};
