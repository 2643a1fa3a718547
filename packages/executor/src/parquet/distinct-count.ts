import { type Bound, type Bounds, compareBounds } from "./bounds.ts";

/** A row group whose number of distinct values is known. */
export interface DistinctSample {
  readonly values: number;
  readonly distinct: number;
  readonly bounds: Bounds;
}

/**
 * Estimates the distinct values of a column of `totalValues` from some of its row groups. Where the row groups' ranges do not
 * overlap (the table is sorted by the column), each brings its own values. Otherwise they draw from one domain: n draws
 * from D values are expected to meet d = D(1 - e^(-n/D)) of them, which is solved for D.
 */
export const estimateDistinctCount = (
  samples: readonly DistinctSample[],
  totalValues: number,
  domainSize: number,
): number | undefined => {
  if (samples.length === 0 || totalValues === 0) return undefined;
  const values = samples.reduce((sum, sample) => sum + sample.values, 0);
  const distinct = samples.reduce((sum, sample) => sum + sample.distinct, 0);
  const limit = Math.min(totalValues, domainSize);
  if (values >= totalValues && samples.length === 1) return Math.min(distinct, limit);
  const estimate = areDisjoint(samples)
    ? (distinct / Math.max(1, values)) * totalValues
    : Math.max(...samples.map((sample) => estimateDomain(sample.values, sample.distinct, totalValues)));
  return Math.max(1, Math.round(Math.min(limit, estimate)));
};

const areDisjoint = (samples: readonly DistinctSample[]): boolean => {
  if (samples.length < 2) return false;
  const ranges: { readonly min: Bound; readonly max: Bound }[] = [];
  for (const { bounds } of samples) {
    if (bounds.min === undefined || bounds.max === undefined) return false;
    ranges.push({ min: bounds.min, max: bounds.max });
  }
  ranges.sort((a, b) => compareBounds(a.min, b.min));
  return ranges.every((range, i) => i === 0 || compareBounds(ranges[i - 1]!.max, range.min) <= 0);
};

/** The D that makes `distinct` of `draws` most likely, at most `limit`. */
const estimateDomain = (draws: number, distinct: number, limit: number): number => {
  if (distinct >= draws) return limit;
  let low = distinct;
  let high = Math.max(limit, distinct);
  for (let i = 0; i < 50 && high - low > 0.5; i++) {
    const domain = (low + high) / 2;
    if (domain * -Math.expm1(-draws / domain) < distinct) low = domain;
    else high = domain;
  }
  return high;
};
