import type { Expression, ScanColumn } from "@headcut/plan";
import type { PieceReader } from "../io/byte-source.ts";
import type { Heap } from "../memory/heap.ts";
import type { CursorMetrics, ScanCursor, ScanFilterFunction } from "../run/scan-cursor.ts";
import { openRowGroupScan } from "./row-group-scan.ts";
import type { ParquetScanFile, ParquetScanPlan } from "./scan-plan.ts";

/** What a pipeline says of its scan. */
export interface ScanShape {
  readonly columns: readonly ScanColumn[];
  readonly outputColumns: readonly number[];
  /** The filters as expressions, in their order. */
  readonly predicates: readonly Expression[];
}

/** One thread's cursor over the morsels of a Parquet scan. `openSource`: if some of its files are not local. Throws QueryError as `openRowGroupScan` does. */
export const openParquetScanCursor = (
  { memory, kernels }: Heap,
  query: number,
  plan: ParquetScanPlan,
  shape: ScanShape,
  filters: readonly ScanFilterFunction[],
  openSource?: (file: ParquetScanFile) => PieceReader,
): ScanCursor => {
  const scan = openRowGroupScan({
    memory,
    kernels,
    query,
    columns: shape.columns,
    outputColumns: shape.outputColumns,
    files: plan.files,
    ...(openSource !== undefined && { openSource }),
    filters: filters.map((filter, i) => {
      const predicate = shape.predicates[i];
      return { ...filter, mayFail: predicate === undefined ? filter.runtime === undefined : mayFail(predicate) };
    }),
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
    close: () => scan.close(),
  };
  return cursor;
};

/** Whether evaluating the expression may raise an error for some value: all but the plainest may. */
const mayFail = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "column":
    case "constant":
      return false;
    case "compare":
      return mayFail(expression.left) || mayFail(expression.right);
    case "and":
    case "or":
      return expression.args.some(mayFail);
    case "not":
    case "isNull":
      return mayFail(expression.arg);
    case "inList":
      return mayFail(expression.arg) || expression.list.some(mayFail);
    case "like":
      return mayFail(expression.arg) || mayFail(expression.pattern);
    default:
      return true;
  }
};
