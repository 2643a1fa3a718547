/** A column's heading and width; cells are flush right, those of the first column flush left. */
export interface Column {
  readonly title: string;
  readonly width: number;
}

export const layOut = (columns: readonly Column[], cells: readonly string[]): string =>
  columns
    .map(({ width }, index) =>
      index === 0 ? (cells[index] ?? "").padEnd(width) : (cells[index] ?? "").padStart(width),
    )
    .join("  ")
    .trimEnd();

export const titles = (columns: readonly Column[]): string =>
  layOut(
    columns,
    columns.map(({ title }) => title),
  );

export const formatMs = (ms: number | undefined): string => (ms === undefined ? "-" : ms.toFixed(ms < 100 ? 1 : 0));
export const formatRatio = (ratio: number | undefined): string => (ratio === undefined ? "-" : ratio.toFixed(2));
export const formatMiB = (bytes: number | undefined): string =>
  bytes === undefined ? "-" : (bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0);
