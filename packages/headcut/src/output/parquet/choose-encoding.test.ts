import { describe, expect, it } from "vitest";
import { chooseEncoding } from "./choose-encoding.ts";

const ROWS = 50_000;

/** The same numbers between 0 and 1 each time. */
const random = (): (() => number) => {
  let state = 1;
  return () => {
    state = Math.imul(state, 48271) >>> 0 || 1;
    return (state >>> 1) / 2 ** 31;
  };
};
const choose = (bytes: 4 | 8, isInteger: boolean, value: (row: number, next: () => number) => number) => {
  const next = random();
  return chooseEncoding({
    values: Float64Array.from({ length: ROWS }, (_, row) => value(row, next)),
    bytes,
    isInteger,
  });
};

describe("integers", () => {
  it("that rise, or scatter over less than their type, are differences", () => {
    const wanted = { dictionary: false, otherwise: "delta" };
    expect(choose(8, true, (row) => row * 4 + (row % 3))).toEqual(wanted);
    expect(choose(8, true, (_, next) => Math.floor(next() * 10_000_000))).toEqual(wanted);
    expect(choose(8, true, (_, next) => 1.6e15 + Math.floor(next() * 3e13))).toEqual(wanted);
    expect(choose(4, true, (_, next) => Math.floor(next() * 1_000_000))).toEqual(wanted);
  });

  it("of few values have a dictionary, and differences when it is full", () => {
    const wanted = { dictionary: true, otherwise: "delta" };
    expect(choose(8, true, (_, next) => Math.floor(next() * 50))).toEqual(wanted);
    expect(choose(4, true, (_, next) => 8000 + Math.floor(next() * 2500))).toEqual(wanted);
    // Large numbers of which there are few are far apart.
    expect(choose(8, true, (_, next) => Math.floor(next() * 1000) * 1_234_567_891)).toEqual(wanted);
  });

  it("in long runs have a dictionary, though they are many", () => {
    expect(choose(8, true, (row) => (Math.floor(row / 500) * 7919 * 7919) % 1_000_003).dictionary).toBe(true);
  });

  it("without order in all their bits stay as they are", () => {
    const wanted = { dictionary: false, otherwise: "plain" };
    expect(choose(8, true, (_, next) => (next() - 0.5) * 2 ** 64)).toEqual(wanted);
    expect(choose(4, true, (_, next) => Math.floor((next() - 0.5) * 2 ** 32))).toEqual(wanted);
  });
});

describe("floating-point numbers", () => {
  it("are never differences", () => {
    expect(choose(8, false, (row) => row)).toEqual({ dictionary: false, otherwise: "plain" });
    expect(choose(8, false, (row) => (row % 20 === 0 ? Number.NaN : row / 7))).toEqual({
      dictionary: false,
      otherwise: "plain",
    });
  });

  it("of few values have a dictionary", () => {
    expect(choose(8, false, (row) => (row % 11) / 100)).toEqual({ dictionary: true, otherwise: "plain" });
  });
});

it("nothing is enough to choose by", () => {
  expect(chooseEncoding({ values: new Float64Array(), bytes: 8, isInteger: true }).otherwise).toBe("plain");
});
