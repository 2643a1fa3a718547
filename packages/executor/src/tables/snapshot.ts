import type { MemoryScanPlan } from "./scan-plan.ts";

/** Some rows of a table in memory, column by column; `valid` 0 when none is NULL. */
export interface Chunk {
  readonly rowCount: number;
  readonly columns: readonly { readonly values: number; readonly valid: number }[];
}

/** What a thread claims at once: few batches, so that small tables spread too. */
const MORSEL_ROWS = 16_384;

/** How to read these columns of the rows there are now. */
export const scanPlanOf = (chunks: readonly Chunk[], columnIndexes: readonly number[]): MemoryScanPlan => {
  const morsels: { chunk: number; firstRow: number; rowCount: number }[] = [];
  chunks.forEach(({ rowCount }, chunk) => {
    for (let firstRow = 0; firstRow < rowCount; firstRow += MORSEL_ROWS) {
      morsels.push({ chunk, firstRow, rowCount: Math.min(MORSEL_ROWS, rowCount - firstRow) });
    }
  });
  return {
    kind: "memory",
    chunks: chunks.map(({ columns }) => ({ columns: columnIndexes.map((index) => ({ ...columns[index]! })) })),
    morsels,
  };
};
