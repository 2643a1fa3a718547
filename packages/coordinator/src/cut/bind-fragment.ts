import { assert, type ParquetFile, type PhysicalPlan, type TableSource } from "@headcut/plan";
import type { Split } from "../placement/split.ts";
import { UNBOUND } from "./fragment.ts";
import { mapScans } from "./map-scans.ts";

/** What a task reads for one scan. */
export interface ScanSource {
  readonly source: TableSource;
  readonly rowCount: number;
}

/** The source of a task's splits: parts of files, which executors must not read beyond. */
export const splitSource = (splits: readonly Split[]): ScanSource => ({
  source: { kind: "parquet", files: splits.map(splitAsFile) },
  rowCount: splits.reduce((sum, { rowCount }) => sum + rowCount, 0),
});

const splitAsFile = ({ file, firstRowGroup, rowGroupCount, rowCount }: Split): ParquetFile =>
  rowGroupCount === Number.MAX_SAFE_INTEGER
    ? file
    : { ...file, rowCount, rowGroups: { first: firstRowGroup, count: rowGroupCount } };

/** The plan that a task executes: every scan that was left unbound reads what it is given here, by operator id. */
export const bindFragment = (plan: PhysicalPlan, sources: ReadonlyMap<number, ScanSource>): PhysicalPlan =>
  mapScans(plan, (scan) => {
    const bound = sources.get(scan.operatorId);
    if (bound !== undefined) return { ...scan, table: { ...scan.table, ...bound } };
    const { source } = scan.table;
    assert(source.kind !== "memory" || source.tableId !== UNBOUND_ID, `scan ${scan.operatorId} was not bound`);
    return scan;
  });

const UNBOUND_ID = UNBOUND.kind === "memory" ? UNBOUND.tableId : undefined;
