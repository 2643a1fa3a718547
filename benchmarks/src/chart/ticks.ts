/** Round steps from 0 to the first at or above `largest`, about `count` of them: 1, 2 or 5 times a power of ten apart. */
export const ticks = (largest: number, count = 5): readonly number[] => {
  if (!(largest > 0)) return [0, 1];
  const rough = largest / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
};
