import { readFileSync } from "node:fs";
import { QueryError } from "@headcut/plan";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressBuffer, decompressBuffer } from "../../src/ipc/lz4-buffer.ts";
import { compressFrame, decompressFrame } from "../../src/ipc/lz4-frame.ts";

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Runs, repetitions near and far, and noise. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ bytes, times: 1 })),
      fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }), times: fc.nat({ max: 400 }) }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts.flatMap(({ bytes, times }) => new Array<Uint8Array>(times).fill(bytes))));

describe("LZ4 frames", () => {
  it("give back what was compressed", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => same(decompressFrame(compressFrame(bytes), bytes.length), bytes)),
      { numRuns: 500 },
    );
  });

  it("of each short length, alike or unlike", () => {
    for (let length = 0; length < 300; length++) {
      const zeros = new Uint8Array(length);
      const noise = zeros.map((_, i) => (i * i * 7919 + length) >> 3);
      expect(same(decompressFrame(compressFrame(zeros), length), zeros)).toBe(true);
      expect(same(decompressFrame(compressFrame(noise), length), noise)).toBe(true);
    }
  });

  it("of several blocks, and of what does not compress, are never much longer", () => {
    const bytes = new Uint8Array(10 << 20);
    let state = 1;
    for (let i = 0; i < bytes.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[i] = i < 5 << 20 ? i >> 8 : state >>> 24;
    }
    const frame = compressFrame(bytes);
    expect(frame.length).toBeLessThan(5.2 * 2 ** 20);
    expect(same(decompressFrame(frame, bytes.length), bytes)).toBe(true);
    const noise = bytes.subarray(5 << 20);
    expect(compressFrame(noise).length).toBeLessThan(noise.length + 40);
  });

  it("of the reference program are read: linked blocks, with size and all checksums", () => {
    const text = Array.from({ length: 60_000 }, (_, i) => `${i % 97},`).join("");
    const frame = readFileSync(new URL("fixtures/linked-with-checksums.lz4", import.meta.url));
    expect(Buffer.from(decompressFrame(frame, text.length)).toString()).toBe(text);
    expect(() => decompressFrame(frame, text.length - 1)).toThrow(QueryError);
    expect(() => decompressFrame(frame, text.length + 1)).toThrow(QueryError);
    expect(() => decompressFrame(frame, 2 ** 31 - 1)).toThrow(/announces too many bytes/);
  });

  it("that are cut off or changed are refused or read as something else, and harm nothing", () => {
    const frame = compressFrame(Buffer.from("headcut ".repeat(400)));
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        const bytes = cut ? frame.subarray(0, at) : Uint8Array.from(frame);
        if (!cut) bytes[at] = value;
        try {
          expect(decompressFrame(bytes, 3200).length).toBe(3200);
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
        }
      }),
      { numRuns: 3000 },
    );
    expect(same(decompressFrame(frame, 3200), Buffer.from("headcut ".repeat(400)))).toBe(true);
  });
});

describe("buffers of compressed bodies", () => {
  const stored = (bytes: Uint8Array): Uint8Array => Buffer.concat(compressBuffer(bytes));

  it("have their length before them, or -1 where compressing does not pay", () => {
    const zeros = new Uint8Array(5000);
    expect(stored(zeros).length).toBeLessThan(100);
    expect([...stored(zeros).subarray(0, 8)]).toEqual([0x88, 0x13, 0, 0, 0, 0, 0, 0]);
    expect(same(decompressBuffer(stored(zeros)), zeros)).toBe(true);
    const short = Buffer.from("short");
    expect([...stored(short)]).toEqual([255, 255, 255, 255, 255, 255, 255, 255, ...short]);
    expect(same(decompressBuffer(stored(short)), short)).toBe(true);
  });

  it("are refused when their length is absurd", () => {
    const prefix = (low: number, high: number): Uint8Array => {
      const bytes = new Uint8Array(20);
      new DataView(bytes.buffer).setUint32(0, low, true);
      new DataView(bytes.buffer).setInt32(4, high, true);
      return bytes;
    };
    expect(() => decompressBuffer(prefix(1, -2))).toThrow(/negative/);
    expect(() => decompressBuffer(prefix(0, 1))).toThrow(/more than 2 GiB/);
    expect(() => decompressBuffer(prefix(0x80000000, 0))).toThrow(/more than 2 GiB/);
    expect(() => decompressBuffer(prefix(4000, 0))).toThrow(QueryError);
    expect(() => decompressBuffer(Uint8Array.of(1, 2, 3))).toThrow(/without its length/);
    expect(decompressBuffer(new Uint8Array(0)).length).toBe(0);
  });
});
