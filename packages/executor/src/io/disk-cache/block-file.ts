import { crc32 } from "node:zlib";

/**
 * A cached block's file: magic "HCB1", CRC-32 of what follows it, then length and index of the block (u32, little endian), the object's
 * key, the block's bytes. A file that was torn, cut off or swapped is told by the checksum and the key.
 */
const HEADER_BYTES = 32;
const MAGIC = 0x31424348;
const at = { magic: 0, checksum: 4, length: 8, index: 12, key: 16 } as const;

/** 128 bits of a hash of what tells the object's content apart. */
export const objectKey = (object: string): Buffer => {
  // Loaded here: most processes never come by, and it takes them longer than any other of Node's modules.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(object).digest().subarray(0, 16);
};

/** The file's header; the block's bytes follow it. */
export const blockHeader = (key: Buffer, index: number, bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, at.magic);
  header.writeUInt32LE(bytes.length, at.length);
  header.writeUInt32LE(index, at.index);
  key.copy(header, at.key);
  header.writeUInt32LE(crc32(bytes, crc32(header.subarray(at.length))), at.checksum);
  return header;
};

/** The block's bytes, if the file is whole and this block's. */
export const blockOf = (file: Buffer, key: Buffer, index: number): Uint8Array | undefined => {
  if (file.length < HEADER_BYTES || file.readUInt32LE(at.magic) !== MAGIC) return undefined;
  const bytes = file.subarray(HEADER_BYTES);
  const isOurs =
    file.readUInt32LE(at.length) === bytes.length &&
    file.readUInt32LE(at.index) === index &&
    key.equals(file.subarray(at.key, HEADER_BYTES));
  return isOurs && crc32(file.subarray(at.length)) === file.readUInt32LE(at.checksum) ? bytes : undefined;
};
