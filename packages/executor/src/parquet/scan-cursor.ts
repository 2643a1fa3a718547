import type { ScanColumn } from "@headcut/plan";
import type { PieceReader } from "../io/byte-source.ts";
import type { Heap } from "../memory/heap.ts";
import type { CursorMetrics, ScanCursor, ScanFilterFunction } from "../run/scan-cursor.ts";
import type { PageStore } from "../spill/page-store.ts";
import { openRowGroupScan } from "./row-group-scan.ts";
import type { ParquetScanFile, ParquetScanPlan } from "./scan-plan.ts";

/** What a pipeline says of its scan. */
export interface ScanShape {
  readonly columns: readonly ScanColumn[];
  readonly outputColumns: readonly number[];
}

/** Of the thread's share of the query's memory, what a scan may take to read row groups whole. */
const SCAN_SHARE = 1 / 4;

/** Whether row groups are too large for the memory there is, with all their pages compressed and decompressed. */
const isTooLarge = ({ morsels }: ParquetScanPlan, budgetBytes: number): boolean =>
  morsels.some(({ chunks }) => {
    let bytes = 0;
    for (const chunk of chunks) if (chunk !== undefined) bytes += chunk.length + chunk.uncompressedLength;
    return bytes > budgetBytes * SCAN_SHARE;
  });

/**
 * One thread's cursor over the morsels of a Parquet scan. `budgetBytes`: the thread's share of what the query may use; `openSource`: if some of its files are not local; `pages`: where its pages go that are large. Throws QueryError as
 * `openRowGroupScan` does.
 */
export const openParquetScanCursor = (
  { memory, kernels }: Heap,
  query: number,
  plan: ParquetScanPlan,
  shape: ScanShape,
  filters: readonly ScanFilterFunction[],
  budgetBytes: number,
  openSource?: (file: ParquetScanFile) => PieceReader,
  pages?: PageStore,
): ScanCursor => {
  const scan = openRowGroupScan({
    memory,
    kernels,
    query,
    columns: shape.columns,
    outputColumns: shape.outputColumns,
    files: plan.files,
    isFrugal: pages !== undefined || isTooLarge(plan, budgetBytes),
    pages,
    ...(openSource !== undefined && { openSource }),
    filters,
  });
  const { counters } = scan;
  const metrics: CursorMetrics = {
    get rowsRead() {
      return counters.rowsRead;
    },
    get bytesRead() {
      return counters.bytesRead;
    },
    get pagesRead() {
      return counters.pagesRead;
    },
    get pagesPruned() {
      return counters.pagesSkipped;
    },
    get cacheHits() {
      return counters.cacheHits;
    },
    get cacheMisses() {
      return counters.cacheMisses;
    },
  };
  const cursor = {
    batch: 0,
    selection: 0,
    count: 0,
    metrics,
    start: (morsel: number) => scan.start(plan.morsels[morsel]!),
    ...(openSource !== undefined && { readAhead: (morsel: number) => scan.readAhead(plan.morsels[morsel]!) }),
    next: (): boolean => {
      const batch = scan.next();
      if (batch === undefined) return false;
      cursor.batch = batch.batch;
      cursor.selection = batch.selection;
      cursor.count = batch.count;
      return true;
    },
    close: () => {
      const closed = scan.close();
      pages?.close();
      return closed;
    },
  };
  return cursor;
};
