// Snappy against a decoder that is plain to read, on long streams of what integers are compressed to, whole and broken.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import type { ParquetKernels } from "../../src/parquet/kernels.ts";

const PADDING_BYTES = 128;
const GUARD = 0xa5;

let heap: Heap;
let kernels: ParquetKernels;
let input: number;
let output: number;

beforeAll(() => {
  heap = createHeap(64 << 20);
  kernels = heap.kernels as ParquetKernels;
  input = kernels.slabAllocate(0, 1 << 20) >>> 0;
  output = kernels.slabAllocate(0, 1 << 20) >>> 0;
});

/** What the bytes mean, or undefined if they are malformed. */
const reference = (bytes: Uint8Array, length: number): Uint8Array | undefined => {
  const made = new Uint8Array(length);
  let [at, size] = [0, 0];
  while (bytes[at]! >= 128) at++;
  at++;
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    let count = (tag >> 2) + 1;
    if (kind === 0) {
      const extra = Math.max(0, count - 60);
      if (at + extra > bytes.length) return undefined;
      if (extra > 0) count = 1;
      for (let i = 0; i < extra; i++) count += bytes[at + i]! * 256 ** i;
      at += extra;
      if (at + count > bytes.length || size + count > length) return undefined;
      made.set(bytes.subarray(at, at + count), size);
      at += count;
      size += count;
      continue;
    }
    const distanceBytes = [0, 1, 2, 4][kind]!;
    if (at + distanceBytes > bytes.length) return undefined;
    let distance = 0;
    for (let i = 0; i < distanceBytes; i++) distance += bytes[at + i]! * 256 ** i;
    if (kind === 1) {
      count = 4 + ((tag >> 2) & 7);
      distance += (tag >> 5) << 8;
    }
    at += distanceBytes;
    if (distance === 0 || distance > size || size + count > length) return undefined;
    for (let i = 0; i < count; i++, size++) made[size] = made[size - distance]!;
  }
  return size === length ? made : undefined;
};

const random = (seed: number): ((below: number) => number) => {
  let state = seed * 0x9e3779b9 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

interface Stream {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/**
 * Pairs of a literal and a copy that make 8 bytes, often repeated by another copy if there are `repeats`; and now and then, on average
 * once in `rarity` pairs, something else. `loose`: of other lengths as well, or copies alone.
 */
const pairs = (
  seed: number,
  count: number,
  rarity: number,
  farthest: number,
  repeats: boolean,
  loose = false,
): Stream => {
  const next = random(seed);
  const body: number[] = [];
  let length = 0;
  const literal = (bytes: number): void => {
    if (bytes <= 60) body.push((bytes - 1) << 2);
    else body.push(61 << 2, (bytes - 1) & 255, (bytes - 1) >> 8);
    for (let i = 0; i < bytes; i++) body.push(next(256));
    length += bytes;
  };
  const copy = (bytes: number, least: number, most = farthest): void => {
    const distance = Math.min(length, least + next(most));
    if (bytes <= 11 && bytes >= 4 && distance < 2048) body.push(1 | ((bytes - 4) << 2) | ((distance >> 8) << 5));
    else if (next(50) === 0) {
      body.push(3 | ((bytes - 1) << 2), distance & 255, distance >> 8, 0, 0);
      length += bytes;
      return;
    } else body.push(2 | ((bytes - 1) << 2), distance & 255);
    body.push(bytes <= 11 && bytes >= 4 && distance < 2048 ? distance & 255 : distance >> 8);
    length += bytes;
  };
  literal(8);
  for (let i = 0; i < count; i++) {
    if (next(rarity) === 0) {
      const odd = next(6);
      if (odd === 0) literal(1 + next(400));
      else if (odd === 1) copy(1 + next(64), 1);
      else if (odd === 2) copy(8, 8);
      else if (odd === 3) literal(1 + next(5));
      else {
        literal(1 + next(4));
        copy(4 + next(60), odd === 4 ? 1 : 8);
      }
    } else {
      const low = 1 + next(4);
      if (!loose || next(4) > 0) literal(low);
      if (repeats && next(6) === 0) copy(4 + next(61), 8, 1);
      else if (loose && next(3) === 0) copy(1 + next(14), 8);
      else copy(8 - low, 8);
      if (repeats && next(4) > 0) copy(next(5) === 0 ? 1 + next(64) : 8 + 8 * next(7), 8, 1);
    }
  }
  const announced: number[] = [];
  let rest = length;
  for (; rest >= 128; rest >>>= 7) announced.push((rest & 127) | 128);
  return { bytes: Uint8Array.from([...announced, rest, ...body]), length };
};

/** The status, and nothing written but to the output and its padding. */
const decompress = ({ bytes, length }: Stream): number => {
  const memory = heap.memory.bytes;
  memory.set(bytes, input);
  // Behind the input lies what could go on with it.
  memory.fill(0x05, input + bytes.length, input + bytes.length + PADDING_BYTES);
  memory.fill(GUARD, output - 64, output);
  const end = output + length + PADDING_BYTES;
  memory.fill(GUARD, end, end + 4096);
  const status = kernels.snappyDecompress(input, bytes.length, output, length);
  expect(memory.subarray(output - 64, output).every((byte) => byte === GUARD)).toBe(true);
  expect(memory.subarray(end, end + 4096).every((byte) => byte === GUARD)).toBe(true);
  return status;
};

const expectRight = (stream: Stream): void => {
  const expected = reference(stream.bytes, stream.length);
  const status = decompress(stream);
  if (expected === undefined) expect(status).toBeLessThan(0);
  else {
    expect(status).toBe(0);
    const made = Buffer.from(heap.memory.bytes.subarray(output, output + stream.length));
    expect(Buffer.compare(made, expected)).toBe(0);
  }
};

const streams = fc
  .record({
    seed: fc.integer({ min: 1, max: 1e9 }),
    count: fc.integer({ min: 1, max: 4000 }),
    repeats: fc.boolean(),
    loose: fc.boolean(),
    rarity: fc.constantFrom(2, 9, 40, 1000),
    farthest: fc.constantFrom(1, 60, 1800, 60_000),
  })
  .map(({ seed, count, rarity, farthest, repeats, loose }) => pairs(seed, count, rarity, farthest, repeats, loose));

beforeAll(() => {
  output += 64;
});

describe("Snappy of integers", () => {
  it("gives what the elements mean", () => {
    fc.assert(fc.property(streams, expectRight), { numRuns: 200 });
  });

  it("gives what the elements mean, or refuses them, when bytes are changed, and never more than the output", () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 1e9 }), ({ bytes, length }, seed) => {
        const next = random(seed);
        const broken = bytes.slice(0, next(3) === 0 ? 4 + next(bytes.length) : undefined);
        // The announced length stays.
        for (let i = 1 + next(3); i > 0; i--) broken[Math.min(broken.length - 1, 3 + next(broken.length))] = next(256);
        expectRight({ bytes: broken, length });
      }),
      { numRuns: 400 },
    );
  });

  it("refuses a pair whose copy begins before the output, however many are before it", () => {
    const { bytes, length } = pairs(5, 3000, 1e9, 1800, false);
    // The last pair of a literal of one byte with a long distance is made to reach too far.
    const far = bytes.slice();
    let at = far.length - 1;
    while (!(far[at - 4] === 0 && far[at - 2] === (2 | (6 << 2)))) at--;
    far[at - 1] = 0xff;
    far[at] = 0xff;
    expect(reference(far, length)).toBeUndefined();
    expect(decompress({ bytes: far, length })).toBe(-2);
  });
});
