import type { SoakFigures } from "./soak-figures.ts";

const MIB = 2 ** 20;

/** By how much a figure may grow from one look to another, many queries later. Caches that fill are full by the first look. */
const GROWTH: Readonly<Record<Exclude<keyof SoakFigures, "residentBytes">, (before: number) => number>> = {
  // What the engine has used once stays resident, and is used again.
  ownBytes: (before) => Math.max(64 * MIB, 0.15 * before),
  heapBytes: () => 12 * MIB,
  arrayBufferBytes: () => 16 * MIB,
  // Clients and nodes connect again now and then; workers that only queries side by side needed stay for a while.
  threads: () => 8,
  files: () => 4,
  sockets: () => 6,
  resources: () => 8,
  calls: () => 0,
  held: () => 0,
  leftFiles: () => 0,
};

/** What has grown beyond that, as sentences. */
export const leaks = (before: SoakFigures, after: SoakFigures): readonly string[] =>
  (Object.keys(GROWTH) as (keyof typeof GROWTH)[]).flatMap((name) => {
    const most = before[name] + GROWTH[name](before[name]);
    return after[name] <= most ? [] : [`${name} grew from ${before[name]} to ${after[name]}, more than to ${most}`];
  });
