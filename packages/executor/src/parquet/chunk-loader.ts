import type { PieceReader } from "../io/byte-source.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { Slab, SlabPool } from "./slab-pool.ts";

/** A piece of a file that is wanted in memory. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

/** One read of the file, for one or more ranges. */
interface Read {
  readonly offset: number;
  readonly end: number;
  /** Indexes of the ranges it serves. */
  readonly ranges: readonly number[];
}

export interface LoadedRanges {
  /** By range: its address. */
  readonly addresses: readonly number[];
  readonly slabs: readonly Slab[];
  readonly bytesRead: number;
}

/** Ranges closer than this are read together, up to a size that keeps slabs small. */
const MAX_GAP_BYTES = 16 * 1024;
const MAX_READ_BYTES = 8 * 1024 * 1024;

const planReads = (ranges: readonly FileRange[]): readonly Read[] => {
  const order = ranges.map((_, index) => index).sort((a, b) => ranges[a]!.offset - ranges[b]!.offset);
  const reads: { offset: number; end: number; ranges: number[] }[] = [];
  for (const index of order) {
    const { offset, length } = ranges[index]!;
    const last = reads.at(-1);
    const joins =
      last !== undefined && offset - last.end <= MAX_GAP_BYTES && offset + length - last.offset <= MAX_READ_BYTES;
    if (joins) {
      last.end = Math.max(last.end, offset + length);
      last.ranges.push(index);
    } else reads.push({ offset, end: offset + length, ranges: [index] });
  }
  return reads;
};

/**
 * Reads ranges of a file into slabs; at once if the source does, else a promise. Nothing is held after a failure.
 * Throws QueryError "io" and "out-of-memory".
 */
export const loadRanges = (
  source: PieceReader,
  ranges: readonly FileRange[],
  pool: SlabPool,
  memory: SharedMemory,
): LoadedRanges | Promise<LoadedRanges> => {
  if (source.readPieces !== undefined) return loadPieces(source.readPieces, ranges, pool, memory);
  const addresses = new Array<number>(ranges.length).fill(0);
  const slabs: Slab[] = [];
  const pending: Promise<void>[] = [];
  let bytesRead = 0;
  const giveBack = (): void => {
    for (const slab of slabs) pool.release(slab);
  };
  try {
    for (const read of planReads(ranges)) {
      const length = read.end - read.offset;
      const slab = pool.acquire(length);
      slabs.push(slab);
      for (const index of read.ranges) addresses[index] = slab.address + ranges[index]!.offset - read.offset;
      bytesRead += length;
      const done = source.readInto(memory.bytes.subarray(slab.address, slab.address + length), read.offset, length);
      if (done !== undefined) pending.push(done);
    }
  } catch (error) {
    if (pending.length === 0) {
      giveBack();
      throw error;
    }
    pending.push(Promise.reject(error));
  }
  const loaded = { addresses, slabs, bytesRead };
  if (pending.length === 0) return loaded;
  // Slabs stay until no read writes to them any more.
  return Promise.allSettled(pending).then((results) => {
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return loaded;
    giveBack();
    throw failed.reason;
  });
};

/** Of a source that joins ranges to reads itself. */
const loadPieces = async (
  readPieces: NonNullable<PieceReader["readPieces"]>,
  ranges: readonly FileRange[],
  pool: SlabPool,
  memory: SharedMemory,
): Promise<LoadedRanges> => {
  const slabs: Slab[] = [];
  try {
    for (const { length } of ranges) slabs.push(pool.acquire(length));
    await readPieces(
      ranges.map(({ offset, length }, i) => {
        const { address } = slabs[i]!;
        return { offset, target: memory.bytes.subarray(address, address + length) };
      }),
    );
  } catch (error) {
    for (const slab of slabs) pool.release(slab);
    throw error;
  }
  return {
    addresses: slabs.map(({ address }) => address),
    slabs,
    bytesRead: ranges.reduce((sum, { length }) => sum + length, 0),
  };
};
