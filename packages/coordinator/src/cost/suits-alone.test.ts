import { expect, test } from "vitest";
import type { PlaceCosts } from "./place-costs.ts";
import { exchangeMs, suitsAlone } from "./suits-alone.ts";

const idle = { threads: 1, here: 0, elsewhere: 0 };

/** Of two nodes that share the work evenly. */
const costs = (aloneMs: number, bytes = 0): PlaceCosts => ({
  aloneMs,
  busiestMs: aloneMs / 2,
  spreadMs: aloneMs,
  depth: 2,
  fragments: 2,
  bytes,
});

test("what takes no longer alone is done alone", () => {
  const exchange = exchangeMs(costs(0));
  expect(suitsAlone(costs(2 * exchange), 1, idle)).toBe(true);
  expect(suitsAlone(costs(4 * exchange), 1, idle)).toBe(false);
  expect(suitsAlone(costs(4 * exchange), 0.5, idle)).toBe(true);
  expect(suitsAlone(costs(2 * exchange), 2, idle)).toBe(false);
});

test("threads make a node's own work shorter, rows that move make exchanges longer", () => {
  const work = 4 * exchangeMs(costs(0));
  expect(suitsAlone(costs(work), 1, { ...idle, threads: 4 })).toBe(true);
  expect(suitsAlone(costs(work, 64 << 20), 1, idle)).toBe(true);
});

test("a busy node gives work to idle ones, and to none where all are busy", () => {
  const small = costs(1.5 * exchangeMs(costs(0)));
  expect(suitsAlone(small, 1, { ...idle, here: 8 })).toBe(false);
  expect(suitsAlone(small, 1, { ...idle, here: 8, elsewhere: 8 })).toBe(true);
  // Nobody waits for a node that is busier than this one.
  expect(suitsAlone(costs(1000), 1, { ...idle, elsewhere: 8 })).toBe(true);
});
