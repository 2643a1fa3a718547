import { describe, expect, it } from "vitest";
import { scaleOf } from "./scale.ts";

describe("scaleOf", () => {
  it("gives the rows of the specification", () => {
    const rows = { suppliers: 10_000, customers: 150_000, parts: 200_000, orders: 1_500_000, clerks: 1000 };
    expect(scaleOf(1)).toEqual({ scaleFactor: 1, ...rows });
    expect(scaleOf(100)).toMatchObject({ suppliers: 1_000_000, orders: 150_000_000, clerks: 100_000 });
  });

  it("takes thousandths below 1", () => {
    expect(scaleOf(0.01)).toMatchObject({ suppliers: 100, customers: 1500, orders: 15_000, clerks: 1000 });
    expect(scaleOf(0.0019)).toMatchObject({ suppliers: 10, orders: 1500 });
  });

  it.each([0, 0.0001, -1, Number.NaN, 30_000, 1.5])("refuses %d", (scaleFactor) => {
    expect(() => scaleOf(scaleFactor)).toThrow(RangeError);
  });
});
