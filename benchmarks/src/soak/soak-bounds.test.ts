import { expect, test } from "vitest";
import { growing, leaks } from "./soak-bounds.ts";
import type { SoakFigures } from "./soak-figures.ts";

const figures: SoakFigures = {
  residentBytes: 900e6,
  ownBytes: 600e6,
  heapBytes: 50e6,
  arrayBufferBytes: 10e6,
  threads: 20,
  files: 30,
  sockets: 10,
  resources: 12,
  calls: 0,
  held: 0,
  leftFiles: 0,
};

test("a little growth is none, more is told by name", () => {
  expect(leaks(figures, figures)).toEqual([]);
  expect(leaks(figures, { ...figures, ownBytes: 650e6, residentBytes: 2e9, sockets: 12, heapBytes: 20e6 })).toEqual([]);
  expect(leaks(figures, { ...figures, ownBytes: 750e6, leftFiles: 1 })).toEqual([
    "ownBytes grew from 600000000 to 750000000, more than to 690000000",
    "leftFiles grew from 0 to 1, more than to 0",
  ]);
});

test("what grows a little with every query is told, what jumps about is not", () => {
  const looks = (heapOf: (queries: number) => number) =>
    [100, 150, 200, 264, 328].map((queries) => ({ queries, figures: { ...figures, heapBytes: heapOf(queries) } }));
  expect(growing(looks(() => 50e6))).toEqual([]);
  expect(growing(looks((queries) => 50e6 + (queries % 100) * 10_000))).toEqual([]);
  expect(growing(looks((queries) => 50e6 + queries * 30_000))).toEqual([
    "heapBytes grows by 30000 a query, more than 24576",
  ]);
  expect(growing([])).toEqual([]);
});
