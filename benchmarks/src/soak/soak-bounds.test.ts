import { expect, test } from "vitest";
import { leaks } from "./soak-bounds.ts";
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
