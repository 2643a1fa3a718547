import { describe, expect, it } from "vitest";
import { geometricMean, median, sum } from "./statistics.ts";

describe("median", () => {
  it("is the middle value, whatever the order", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([7])).toBe(7);
  });
  it("is the mean of the two middle ones", () => expect(median([10, 1, 4, 100])).toBe(7));
  it("compares numbers as numbers", () => expect(median([9, 10, 100])).toBe(10));
  it("leaves its argument alone", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
  it("is NaN of none", () => expect(median([])).toBeNaN());
});

describe("geometricMean", () => {
  it("weighs ratios alike", () => {
    expect(geometricMean([2, 0.5])).toBeCloseTo(1, 12);
    expect(geometricMean([1, 10, 100])).toBeCloseTo(10, 10);
  });
  it("does not overflow", () => expect(geometricMean(Array(500).fill(1e300))).toBeCloseTo(1e300, -290));
  it("is NaN of none", () => expect(geometricMean([])).toBeNaN());
});

describe("sum", () => {
  it("adds up", () => expect(sum([1, 2, 3.5])).toBe(6.5));
  it("is 0 of none", () => expect(sum([])).toBe(0));
});
