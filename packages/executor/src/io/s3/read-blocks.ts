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
  readonly fetch: (range: ByteRange, take: (bytes: Uint8Array, start: number) => void) => Promise<void>;
}

/** Blocks on their way from the store, so that who wants them too waits for them. */
export type BlocksUnderWay = Map<string, Promise<Uint8Array | undefined>>;

/** Reads pieces by way of the cache: the blocks they lie in, whole, from the disk if they are there. */
export const readBlocks = async (
  { object, sizeBytes, cache, fetch }: BlockRead,
  pieces: readonly Piece[],
  underWay: BlocksUnderWay,
): Promise<void> => {
  const readCached = async (block: number): Promise<boolean> => {
    const bytes = (await underWay.get(`${object}#${block}`)) ?? (await cache.get(object, block));
    if (bytes === undefined || bytes.length !== blockRange(block, sizeBytes).end - block * BLOCK_BYTES) return false;
    scatter(bytes, block * BLOCK_BYTES, pieces);
    return true;
  };
  const wanted = blocksOf(pieces.map(rangeOf));
  const found = await Promise.all(wanted.map(readCached));
  const missing = wanted.filter((_, i) => !found[i]);
  const requests = planRequests(
    missing.map((block) => blockRange(block, sizeBytes)),
    0,
    MAX_FETCH_BYTES,
  );

  const fetchBlocks = async ({ start, end }: ByteRange): Promise<void> => {
    const bytes = new Uint8Array(end - start);
    const done = fetch({ start, end }, (more, position) => bytes.set(more, position - start));
    const blocks = blocksOf([{ start, end }]);
    const contentOf = (block: number): Uint8Array =>
      bytes.subarray(block * BLOCK_BYTES - start, Math.min(end, (block + 1) * BLOCK_BYTES) - start);
    for (const block of blocks) {
      const name = `${object}#${block}`;
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
  await allSettled(requests.map(fetchBlocks));
};

/** All have ended, then the first error is thrown. */
export const allSettled = async (work: readonly Promise<void>[]): Promise<void> => {
  for (const end of await Promise.allSettled(work)) if (end.status === "rejected") throw end.reason;
};

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
