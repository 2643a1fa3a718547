import { MAX_LZ4_BLOCK_BYTES, openLz4 } from "@headcut/executor";
import { malformed } from "./flatbuffer-reader.ts";

// LZ4's frame format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md), as Arrow's bodies have it.

const MAGIC = 0x184d2204;
/** Magic, version 1, independent blocks without checksums, of up to 4 MiB, and the sum of those two bytes. */
const HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73);
const END_BYTES = 4;
const LENGTH_BYTES = 4;
const STORED = 0x80000000;

const Flag = { independent: 0x20, blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 };

/** Where frames of usual size are made, since what they take is not known before. */
let scratch = new Uint8Array(0);
const MAX_SCRATCH_BYTES = 8 << 20;

export const compressFrame = (bytes: Uint8Array): Uint8Array => {
  const lz4 = openLz4();
  const blocks = Math.ceil(bytes.length / MAX_LZ4_BLOCK_BYTES);
  const most = HEADER.length + blocks * LENGTH_BYTES + bytes.length + END_BYTES;
  const out = scratch.length < most ? new Uint8Array(most) : scratch;
  if (most <= MAX_SCRATCH_BYTES) scratch = out;
  const view = new DataView(out.buffer);
  out.set(HEADER);
  let at = HEADER.length;
  for (let start = 0; start < bytes.length; start += MAX_LZ4_BLOCK_BYTES) {
    const block = bytes.subarray(start, start + MAX_LZ4_BLOCK_BYTES);
    const compressed = lz4.compress(block);
    const stored = compressed.length >= block.length;
    const written = stored ? block : compressed;
    view.setUint32(at, stored ? written.length + STORED : written.length, true);
    out.set(written, at + LENGTH_BYTES);
    at += LENGTH_BYTES + written.length;
  }
  // The end is a block of length 0.
  view.setUint32(at, 0, true);
  return out.slice(0, at + END_BYTES);
};

/** Exactly `length` bytes, from any writer's frame. Checksums are passed over. Throws QueryError "io" for anything else. */
export const decompressFrame = (frame: Uint8Array, length: number): Uint8Array => {
  const lz4 = openLz4();
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  // No byte of a block stands for more than 255; so hostile lengths take no memory.
  if (length > frame.length * 255) throw malformed("a compressed buffer announces too many bytes");
  if (frame.length < HEADER.length || view.getUint32(0, true) !== MAGIC) throw malformed("a buffer is no LZ4 frame");
  const flags = frame[4]!;
  if ((flags & Flag.dictionary) !== 0) throw malformed("an LZ4 frame wants a dictionary");
  const out = new Uint8Array(length);
  let written = 0;
  let at = HEADER.length + ((flags & Flag.contentSize) !== 0 ? 8 : 0);
  let first = true;
  while (true) {
    if (at + LENGTH_BYTES > frame.length) throw malformed("an LZ4 frame is cut off");
    const word = view.getUint32(at, true);
    at += LENGTH_BYTES;
    if (word === 0) break;
    const stored = word >= STORED;
    const size = stored ? word - STORED : word;
    if (size > frame.length - at) throw malformed("an LZ4 frame is cut off");
    const block = frame.subarray(at, at + size);
    at += size + ((flags & Flag.blockChecksum) !== 0 ? 4 : 0);
    const capacity = Math.min(MAX_LZ4_BLOCK_BYTES, length - written);
    const linked = !first && (flags & Flag.independent) === 0;
    const plain = stored ? lz4.keep(block, linked) : lz4.decompress(block, capacity, linked);
    if (plain === undefined || plain.length > capacity) throw malformed("an LZ4 block is corrupt or too long");
    out.set(plain, written);
    written += plain.length;
    first = false;
  }
  if (written !== length) throw malformed(`an LZ4 frame of ${written} bytes instead of ${length}`);
  return out;
};
