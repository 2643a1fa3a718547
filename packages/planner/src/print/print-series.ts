/** `0, 2, … 98`: a series as its first numbers and its last. */
export const printSeries = ({ start, step, count }: Series): string => {
  const last = start + BigInt(count - 1) * step;
  if (count <= 2) return count === 1 ? `${start}` : `${start}, ${last}`;
  return `${start}, ${start + step}, … ${last}`;
};

interface Series {
  readonly start: bigint;
  readonly step: bigint;
  readonly count: number;
}
