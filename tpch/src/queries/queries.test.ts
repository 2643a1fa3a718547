import { describe, expect, it } from "vitest";
import { colors, containers, marketSegments, nations, partTypes, regions, shipModes } from "../generator/word-lists.ts";
import { drawParameters, queries, queryText, validationParameters } from "./queries.ts";

const names = nations.map(([name]) => name);
const between = (low: number, high: number) => (text: string) => Number(text) >= low && Number(text) <= high;
const oneOf = (words: readonly string[]) => (text: string) => words.includes(text);
const matches = (pattern: RegExp) => (text: string) => pattern.test(text);
const brand = matches(/^Brand#[1-5][1-5]$/);
const newYear = matches(/^199[3-7]-01-01$/);
const month = matches(/^199[3-7]-(0[1-9]|1[0-2])-01$/);

/** The ranges of specification clause 2.4, one check for each parameter. */
const ranges: Readonly<Record<number, readonly ((text: string) => boolean)[]>> = {
  1: [between(60, 120)],
  2: [between(1, 50), oneOf(["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"]), oneOf(regions.words)],
  3: [oneOf(marketSegments.words), matches(/^1995-03-(0[1-9]|[12]\d|3[01])$/)],
  4: [(text) => month(text) && text <= "1997-12-01"],
  5: [oneOf(regions.words), newYear],
  6: [newYear, between(0.02, 0.09), between(24, 25)],
  7: [oneOf(names), oneOf(names)],
  8: [oneOf(names), oneOf(regions.words), oneOf(partTypes.words)],
  9: [oneOf(colors.words)],
  10: [(text) => month(text) && text >= "1993-02-01" && text <= "1995-01-01"],
  11: [oneOf(names), oneOf(["0.0000100000"])],
  12: [oneOf(shipModes.words), oneOf(shipModes.words), newYear],
  13: [oneOf(["special", "pending", "unusual", "express"]), oneOf(["packages", "requests", "accounts", "deposits"])],
  14: [month],
  15: [(text) => month(text) && text <= "1997-10-01"],
  16: [brand, matches(/^[A-Z]+ [A-Z]+$/), ...Array.from({ length: 8 }, () => between(1, 50))],
  17: [brand, oneOf(containers.words)],
  18: [between(312, 315)],
  19: [brand, brand, brand, between(1, 10), between(10, 20), between(20, 30)],
  20: [oneOf(colors.words), newYear, oneOf(names)],
  21: [oneOf(names)],
  22: Array.from({ length: 7 }, () => between(10, 34)),
};

describe("drawParameters", () => {
  it.each(queries.map(({ number }) => number))("draws query %d in range", (number) => {
    for (const seed of [1, 2, 7, 42, 123456789, 2147483646]) {
      const parameters = drawParameters(number, seed, 10);
      expect(parameters).toHaveLength(ranges[number]!.length);
      parameters.forEach((parameter, i) => {
        expect(ranges[number]![i]!(parameter), `seed ${seed}, parameter ${i + 1}: ${parameter}`).toBe(true);
      });
      expect(queryText(number, parameters)).not.toMatch("undefined");
    }
  });

  it("draws different nations, modes, sizes and codes", () => {
    for (let seed = 1; seed < 200; seed++) {
      for (const [number, from, to] of [
        [7, 0, 2],
        [12, 0, 2],
        [16, 2, 10],
        [22, 0, 7],
      ] as const) {
        const words = drawParameters(number, seed, 1).slice(from, to);
        expect(new Set(words).size).toBe(words.length);
      }
    }
  });

  it("draws what qgen -r 42 -s 10 draws", () => {
    const drawn = [3, 8, 11, 16, 19, 20].map((number) => drawParameters(number, 42, 10).join(", "));
    expect(drawn).toEqual([
      "BUILDING, 1995-03-12",
      "JORDAN, MIDDLE EAST, SMALL PLATED STEEL",
      "SAUDI ARABIA, 0.0000100000",
      "Brand#12, STANDARD POLISHED, 41, 28, 43, 38, 8, 30, 12, 45",
      "Brand#53, Brand#54, Brand#13, 2, 19, 25",
      "medium, 1997-01-01, CHINA",
    ]);
  });

  it("rejects other seeds", () => {
    expect(() => drawParameters(1, 0, 1)).toThrow(RangeError);
    expect(() => drawParameters(1, 2147483647, 1)).toThrow("A seed is a whole number from 1 to 2147483646");
    expect(() => drawParameters(23, 1, 1)).toThrow("The queries are numbered 1 to 22, but 23 was asked for.");
  });
});

describe("validationParameters", () => {
  it("depend on the scale factor in query 11 alone", () => {
    expect(validationParameters(11, 0.01)).toEqual(["GERMANY", "0.0100000000"]);
    expect(validationParameters(11)).toEqual(["GERMANY", "0.0001000000"]);
    expect(validationParameters(6, 100)).toEqual(validationParameters(6));
  });
});
