import type { ScanTotals } from "@headcut/executor";
import { bytes } from "./quantities.ts";

export const rowsLine = (rows: number | undefined, estimatedRows: number): string =>
  `rows: ${rows ?? 0} (estimated ${Math.round(estimatedRows)})`;

type ScanCounts = Pick<
  ScanTotals,
  "bytesRead" | "morsels" | "rowGroupsPruned" | "pagesPruned" | "cacheHits" | "cacheMisses"
>;

export const scanLines = ({
  bytesRead,
  morsels,
  rowGroupsPruned,
  pagesPruned,
  cacheHits,
  cacheMisses,
}: ScanCounts): string[] => {
  const read = `read ${bytes(bytesRead)} of ${morsels} row groups; pruned ${rowGroupsPruned} row groups, ${pagesPruned} pages`;
  if (cacheHits + cacheMisses === 0) return [read];
  return [read, `column cache: ${cacheHits} of ${cacheHits + cacheMisses} column chunks`];
};
