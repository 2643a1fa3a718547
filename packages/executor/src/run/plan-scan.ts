import { assert, type Table } from "@headcut/plan";
import type { ColumnCache } from "../column-cache/column-cache.ts";
import { issueTickets } from "../column-cache/issue-tickets.ts";
import type { Breathe } from "../io/breath.ts";
import { type Files, localFiles, type OpenOptions } from "../io/files.ts";
import { planParquetScan } from "../parquet/plan-scan.ts";
import type { ParquetScanPlan } from "../parquet/scan-plan.ts";
import type { Feeds } from "../streams/create-feeds.ts";
import type { RowStream } from "../streams/row-stream.ts";
import type { TableStore } from "../tables/table-store.ts";
import type { PlannedScan, PlanScan, PlanScanOptions, RunsSource, ScanSource } from "./scan-plan.ts";

/** Plans scans of tables of any kind. */
export const createPlanScan =
  (tables: TableStore, feeds: Feeds, cache?: ColumnCache, files: Files = localFiles): PlanScan =>
  (source, breathe, options = {}) => {
    const { table } = source;
    switch (table.source.kind) {
      case "memory": {
        const stream = tables.streamOf(table.source.tableId);
        if (stream !== undefined) return planStream(feeds, stream, source, options);
        assert(source.kind === "scan", "what is merged is no stream of runs");
        return planMemoryScan(tables, source, table.source);
      }
      case "parquet":
        assert(source.kind === "scan", "what is merged is no stream of runs");
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

const NOTHING_PRUNED = { rowGroups: 0, rowGroupsPruned: 0, rowGroupsPrunedByBloomFilter: 0, rowsPruned: 0 };

const planStream = (
  feeds: Feeds,
  stream: RowStream,
  { kind, operatorId, columns, table }: ScanSource | RunsSource,
  { onFailed = () => undefined }: PlanScanOptions,
): PlannedScan => {
  const columnIndexes = columns.map(({ index }) => index);
  const feed = feeds.open({ name: `rows of ${table.name}`, stream, columnIndexes, merged: kind === "runs", onFailed });
  const { mailbox, feedId } = feed;
  const plan = { kind: "stream", mailbox, feedId, columnCount: columns.length } as const;
  const release = (): void => {
    feed.stop();
    feed.close();
  };
  return { operatorId, plan, pruning: NOTHING_PRUNED, feed, release };
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
