/** Times of the runs of one query, and the rows it gave. */
export interface Measurement {
  readonly medianMs: number;
  readonly minMs: number;
  readonly rows: readonly (readonly unknown[])[];
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
export async function measure(
  query: () => Promise<{ rows: readonly (readonly unknown[])[] }>,
  runs: number,
): Promise<Measurement> {
  const { rows } = await query();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await query();
    times.push(performance.now() - start);
  }
  return { medianMs: median(times), minMs: Math.min(...times), rows };
}
