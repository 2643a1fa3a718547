import { describe, expect, it } from "vitest";
import { compareRows } from "./compare-rows.ts";

const expected = {
  columns: [
    { name: "name", type: "text" as const },
    { name: "total", type: "integer" as const },
    { name: "mean", type: "double" as const },
  ],
  rows: [
    ["a", "9007199254740993", "0.1"],
    [null, "-1", null],
  ],
};

describe("compareRows", () => {
  it("accepts equal values, doubles up to their last digits", () => {
    expect(
      compareRows(expected, [
        ["a", 9007199254740993n, 0.1 + 1e-12],
        [null, -1, null],
      ]),
    ).toBeUndefined();
  });

  it.each([
    [["a", 9007199254740992n, 0.1], "Row 1, column total: 9007199254740993 was expected, but it is 9007199254740992."],
    [["b", 9007199254740993n, 0.1], "Row 1, column name: a was expected, but it is b."],
    [["a", 9007199254740993n, 0.1001], "Row 1, column mean: 0.1 was expected, but it is 0.1001."],
    [["a", null, 0.1], "Row 1, column total: 9007199254740993 was expected, but it is null."],
  ])("names the first difference: %s", (row, sentence) => {
    expect(compareRows(expected, [row, [null, -1, null]])).toBe(sentence);
  });

  it("does not take a value for NULL", () => {
    expect(
      compareRows(expected, [
        ["a", "9007199254740993", 0.1],
        ["null", -1, null],
      ]),
    ).toMatch("Row 2, column name");
    expect(
      compareRows(expected, [
        ["a", "9007199254740993", 0.1],
        [null, -1, 0],
      ]),
    ).toMatch("Row 2, column mean");
  });

  it("minds the order and the number of rows and columns", () => {
    expect(
      compareRows(expected, [
        [null, -1, null],
        ["a", "9007199254740993", 0.1],
      ]),
    ).toMatch("Row 1");
    expect(compareRows(expected, [])).toBe("2 rows were expected, but there are 0.");
    expect(compareRows(expected, [["a"], ["b"]])).toBe("3 columns were expected, but there are 1.");
  });
});
