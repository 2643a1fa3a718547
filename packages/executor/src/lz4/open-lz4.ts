import { kernelsModule } from "../kernels/load.ts";
import { PAGE_BYTES } from "../memory/shared-memory.ts";

/** LZ4's blocks, in a small memory of their own, whoever has engines or none. What it returns is good until the next call. */
export interface Lz4 {
  /** Of 1 … MAX_LZ4_BLOCK_BYTES bytes. */
  compress(block: Uint8Array): Uint8Array;
  /**
   * At most `capacity` bytes, or undefined: the block is malformed or has more. A `linked` block may repeat what the block before
   * it was decompressed to.
   */
  decompress(block: Uint8Array, capacity: number, linked: boolean): Uint8Array | undefined;
  /** A block that was stored as it is takes part in the chain. Undefined: it is too long. */
  keep(block: Uint8Array, linked: boolean): Uint8Array | undefined;
}

export const MAX_LZ4_BLOCK_BYTES = 4 << 20;

/** kernels/parquet/lz4.ts */
interface Lz4Kernels {
  lz4Compress(source: number, length: number, target: number, table: number): number;
  lz4DecompressLinked(source: number, length: number, target: number, capacity: number, history: number): number;
}

/** Below lie the kernels' constants. */
const START_BYTES = 0x100000;
/** How far back a block may reach. */
const HISTORY_BYTES = 65536;
/** Copies of 64 bytes may go past an end. */
const SLACK_BYTES = 128;
/** Of the compressor: a 32-bit place for each of 2^13 hashes. */
const TABLE_BYTES = 4 << 13;

let opened: Lz4 | undefined;

/** One for the thread; its 10 MiB are taken by the first who asks. */
export const openLz4 = (): Lz4 => {
  opened ??= open();
  return opened;
};

const open = (): Lz4 => {
  const source = START_BYTES;
  // Decompressing, the source is a compressed block, which may be larger than what it holds.
  const target = source + MAX_LZ4_BLOCK_BYTES + MAX_LZ4_BLOCK_BYTES / 128 + SLACK_BYTES + HISTORY_BYTES;
  const table = target + MAX_LZ4_BLOCK_BYTES + MAX_LZ4_BLOCK_BYTES / 128 + SLACK_BYTES;
  const pages = Math.ceil((table + TABLE_BYTES) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new WebAssembly.Instance(kernelsModule(), { env: { memory } });
  const kernels = exports as unknown as Lz4Kernels;
  const bytes = new Uint8Array(memory.buffer);
  // Of what was decompressed last, and what of it and of blocks before can be repeated.
  let length = 0;
  let historyStart = target;
  /** Puts what the next block may repeat before `target`. The number of its bytes. */
  const advance = (linked: boolean): number => {
    const end = target + length;
    const reach = linked ? Math.min(end - historyStart, HISTORY_BYTES) : 0;
    bytes.copyWithin(target - reach, end - reach, end);
    historyStart = target - reach;
    return reach;
  };
  return {
    compress: (block) => {
      bytes.set(block, source);
      return bytes.subarray(target, target + kernels.lz4Compress(source, block.length, target, table));
    },
    decompress: (block, capacity, linked) => {
      if (block.length > target - HISTORY_BYTES - SLACK_BYTES - source || capacity > MAX_LZ4_BLOCK_BYTES)
        return undefined;
      const history = advance(linked);
      bytes.set(block, source);
      const written = kernels.lz4DecompressLinked(source, block.length, target, capacity, history);
      length = Math.max(0, written);
      return written < 0 ? undefined : bytes.subarray(target, target + written);
    },
    keep: (block, linked) => {
      if (block.length > MAX_LZ4_BLOCK_BYTES) return undefined;
      advance(linked);
      bytes.set(block, target);
      length = block.length;
      return block;
    },
  };
};
