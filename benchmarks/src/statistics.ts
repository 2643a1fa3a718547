/** The middle of the values, or the mean of the two middle ones; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Of values above 0; NaN of none. */
export const geometricMean = (values: readonly number[]): number => Math.exp(sum(values.map(Math.log)) / values.length);

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The smallest value that is not below `part` (0 to 1) of the values; NaN of none. */
export const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(part * values.length) - 1)] ?? Number.NaN;
