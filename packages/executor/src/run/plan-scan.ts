import type { Table } from "@headcut/plan";
import type { ColumnCache } from "../column-cache/column-cache.ts";
import { issueTickets } from "../column-cache/issue-tickets.ts";
import type { Breathe } from "../io/breath.ts";
import { type Files, localFiles, type OpenOptions } from "../io/files.ts";
import { planParquetScan } from "../parquet/plan-scan.ts";
import type { ParquetScanPlan } from "../parquet/scan-plan.ts";
import type { TableStore } from "../tables/table-store.ts";
import type { PlannedScan, PlanScan, ScanSource } from "./scan-plan.ts";

/** Plans scans of tables of any kind. */
export const createPlanScan =
  (tables: TableStore, cache?: ColumnCache, files: Files = localFiles): PlanScan =>
  (source, breathe, options = {}) => {
    const { kind } = source.table.source;
    switch (kind) {
      case "memory":
        return planMemoryScan(tables, source, source.table.source);
      case "parquet":
        return planParquet(source, options.fillCache === false ? undefined : cache, breathe, files, options);
    }
  };

type MemorySource = Extract<Table["source"], { kind: "memory" }>;

const planMemoryScan = (tables: TableStore, source: ScanSource, { tableId }: MemorySource): PlannedScan => {
  const { operatorId, columns, table } = source;
  const indexes = columns.map(({ index }) => index);
  const { plan, release } = tables.snapshot(tableId, table.name, indexes);
  const pruning = {
    rowGroups: plan.morsels.length,
    rowGroupsPruned: 0,
    rowGroupsPrunedByBloomFilter: 0,
    rowsPruned: 0,
  };
  return { operatorId, plan, pruning, release };
};

const planParquet = async (
  source: ScanSource,
  cache: ColumnCache | undefined,
  breathe: Breathe,
  files: Files,
  options: OpenOptions,
): Promise<PlannedScan> => {
  const pruned = known.get(source) ?? (await pruneParquet(source, breathe, files, options));
  const plan = cache === undefined ? pruned : issueTickets(cache, pruned);
  const { rowGroups, rowGroupsPrunedByStatistics, rowGroupsPrunedByBloomFilter, rowsPrunedByPageIndex } = plan.pruning;
  const pruning = {
    rowGroups,
    rowGroupsPruned: rowGroupsPrunedByStatistics + rowGroupsPrunedByBloomFilter,
    rowGroupsPrunedByBloomFilter,
    rowsPruned: rowsPrunedByPageIndex,
  };
  return {
    operatorId: source.operatorId,
    plan: { ...plan, fillCache: options.fillCache },
    pruning,
    release: () => undefined,
  };
};

/** What is to be read of a source, which stands for its table's content: a compiled query that is asked again finds it here. */
const known = new WeakMap<ScanSource, ParquetScanPlan>();

/** A plan takes a hundred bytes for each of its column chunks. */
const MOST_CHUNKS = 10_000;

const pruneParquet = async (
  source: ScanSource,
  breathe: Breathe,
  files: Files,
  options: OpenOptions,
): Promise<ParquetScanPlan> => {
  const { table, columns, predicates, filters } = source;
  const ranged = filters.flatMap((filter) => (filter.runtime?.hasBounds === true ? filter.columns : []));
  const plan = await planParquetScan(table, columns, predicates, ranged, breathe, files, options);
  if (plan.morsels.length * columns.length <= MOST_CHUNKS) known.set(source, plan);
  return plan;
};
