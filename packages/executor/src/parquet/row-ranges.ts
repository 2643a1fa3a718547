import type { RowRange } from "./scan-plan.ts";

/** Joins ranges that touch; `ranges` ascend. */
export const joinRanges = (ranges: readonly RowRange[]): readonly RowRange[] => {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    if (start === end) continue;
    const last = joined.at(-1);
    if (last !== undefined && last.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined;
};

/** Rows that are in both; both ascend and do not overlap in themselves. */
export const intersectRanges = (a: readonly RowRange[], b: readonly RowRange[]): readonly RowRange[] => {
  const common: RowRange[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const start = Math.max(a[i]!.start, b[j]!.start);
    const end = Math.min(a[i]!.end, b[j]!.end);
    if (start < end) common.push({ start, end });
    if (a[i]!.end < b[j]!.end) i++;
    else j++;
  }
  return common;
};

export const rowsIn = (ranges: readonly RowRange[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0);
