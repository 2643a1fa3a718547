/** `12.3 ms`, `4.56 s`. */
export const formatMillis = (millis: number): string =>
  millis < 1000 ? `${millis.toFixed(1)} ms` : `${(millis / 1000).toFixed(2)} s`;
