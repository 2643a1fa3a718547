import { describe, expect, it } from "vitest";
import { newShapes } from "./new-shapes.ts";

describe("newShapes", () => {
  it("never repeats a query", () => expect(new Set(newShapes(240)).size).toBe(240));
  it("has no more than it has", () => expect(() => newShapes(241)).toThrow(RangeError));
});
