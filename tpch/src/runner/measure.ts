/** Times of the runs of one query, and what the first and the last gave. */
export interface Measurement<T> {
  readonly medianMs: number;
  readonly minMs: number;
  readonly first: T;
  readonly last: T;
}

/** The middle of the values, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Runs a query once to warm up, then `runs` times under the clock. */
export async function measure<T>(query: () => Promise<T>, runs: number): Promise<Measurement<T>> {
  const first = await query();
  let last = first;
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    last = await query();
    times.push(performance.now() - start);
  }
  return { medianMs: median(times), minMs: Math.min(...times), first, last };
}
