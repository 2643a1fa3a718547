import { describe, expect, it } from "vitest";
import { RandomStream } from "./random-stream.ts";

/** The generator by its definition, in big integers. */
function power(seed: number, count: bigint): number {
  let result = BigInt(seed);
  let factor = 16807n;
  for (let rest = count; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % 2147483647n;
    factor = (factor * factor) % 2147483647n;
  }
  return Number(result);
}

describe("RandomStream", () => {
  it("follows the definition", () => {
    for (const seed of [1, 46831694, 2147483646]) {
      const stream = new RandomStream(seed);
      for (let i = 1n; i <= 1000n; i++) expect(stream.next()).toBe(power(seed, i));
    }
  });

  it("skips as many draws as it is told to", () => {
    for (const count of [0, 1, 2, 87, 1_000_003, 42_000_000_007]) {
      const stream = new RandomStream(933588178);
      stream.skip(count);
      expect(stream.next()).toBe(power(933588178, BigInt(count) + 1n));
    }
  });

  it("starts at any row", () => {
    const whole = new RandomStream(1095462486, 7);
    whole.discard(7 * 123);
    expect(new RandomStream(1095462486, 7, 123).next()).toBe(whole.next());
  });

  it("draws from the whole range", () => {
    const stream = new RandomStream(1);
    const drawn = new Set(Array.from({ length: 1000 }, () => stream.between(-2, 3)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
  });
});
