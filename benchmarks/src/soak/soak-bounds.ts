import type { SoakFigures } from "./soak-figures.ts";

const KIB = 2 ** 10;
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

/** What a query may leave at most of a node's memory once caches are full: code and plans of other texts, and noise. */
const PER_QUERY: Readonly<Record<"heapBytes" | "arrayBufferBytes" | "ownBytes", number>> = {
  heapBytes: 24 * KIB,
  arrayBufferBytes: 4 * KIB,
  ownBytes: 320 * KIB,
};

/** A node's figures when so many queries have run. */
export interface Look {
  readonly queries: number;
  readonly figures: SoakFigures;
}

/** What grows with the number of queries, as sentences: the slope of the line that fits the looks best. */
export const growing = (looks: readonly Look[]): readonly string[] =>
  (Object.keys(PER_QUERY) as (keyof typeof PER_QUERY)[]).flatMap((name) => {
    const slope = slopeOf(looks.map(({ queries, figures }) => [queries, figures[name]]));
    const most = PER_QUERY[name];
    return slope <= most ? [] : [`${name} grows by ${Math.round(slope)} a query, more than ${most}`];
  });

/** Least squares. */
const slopeOf = (points: readonly (readonly [x: number, y: number])[]): number => {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [middleX, middleY] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0) / spread;
};

/** What has grown beyond that, as sentences. */
export const leaks = (before: SoakFigures, after: SoakFigures): readonly string[] =>
  (Object.keys(GROWTH) as (keyof typeof GROWTH)[]).flatMap((name) => {
    const most = before[name] + GROWTH[name](before[name]);
    return after[name] <= most ? [] : [`${name} grew from ${before[name]} to ${after[name]}, more than to ${most}`];
  });
