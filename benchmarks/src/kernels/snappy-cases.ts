import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import { type KernelCase, randomNumbers } from "./kernel-case.ts";

const PAGE_BYTES = 1 << 20;

/** Pages of Parquet as they occur: 64-bit numbers whose upper bytes are alike, keys in order and in none, packed dictionary codes, text. */
const pages: Readonly<Record<string, () => Uint8Array>> = {
  "prices, int64": () => {
    const next = randomNumbers(1);
    return int64Page(() => next() % 10_000_000);
  },
  "keys, int64": () => {
    const next = randomNumbers(4);
    return int64Page(() => 1 + (next() % 200_000));
  },
  "keys by steps, int64": () => {
    let key = 0;
    return int64Page(() => ++key);
  },
  "sorted keys, int64": () => {
    let key = 0;
    const next = randomNumbers(2);
    return int64Page(() => (next() % 4 === 0 ? ++key : key));
  },
  "dictionary codes of 4 bits": () => {
    const next = randomNumbers(5);
    const bytes = Buffer.alloc(PAGE_BYTES);
    // Some of them follow from what went before.
    for (let at = 0; at < PAGE_BYTES; at++) bytes[at] = at > 64 && next() % 3 === 0 ? bytes[at - 64]! : next() & 0x77;
    return bytes;
  },
  text: () => {
    const next = randomNumbers(3);
    const words = Array.from({ length: 300 }, () => (next() % 1e9).toString(36));
    const bytes = Buffer.alloc(PAGE_BYTES);
    for (let at = 0; at < PAGE_BYTES; ) at += bytes.write(`${words[next() % words.length]} `, at);
    return bytes;
  },
};

const int64Page = (value: () => number): Uint8Array => {
  const bytes = Buffer.alloc(PAGE_BYTES);
  for (let at = 0; at < PAGE_BYTES; at += 8) bytes.writeUInt32LE(value(), at);
  return bytes;
};

export const snappyCases: readonly KernelCase[] = Object.entries(pages).map(([name, page]) => ({
  name: `snappy, ${name} (values are bytes)`,
  prepare: ({ kernel, allocate }) => {
    const plain = page();
    const compressed = snappyCompress(plain);
    const source = allocate(compressed.length);
    source.bytes.set(compressed);
    const target = allocate(PAGE_BYTES);
    const decompress = kernel("snappyDecompress");
    const call = (): void => {
      decompress(source.address, compressed.length, target.address, PAGE_BYTES);
    };
    call();
    if (Buffer.compare(target.bytes, plain) !== 0) throw new Error(`snappy, ${name}: the bytes are wrong`);
    return { values: PAGE_BYTES, byteLength: PAGE_BYTES, call };
  },
}));
