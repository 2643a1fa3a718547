import type { QueryMetrics } from "@headcut/executor";
import type { KeySet } from "../exchange/key-set.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";
import type { AttemptId, QueryState, Task } from "../schedule/query-state.ts";
import type { AttemptReport, ScanReport } from "../worker/attempt-report.ts";
import type { ClusterReport, FragmentReport, TaskReport } from "./cluster-report.ts";
import { isOwnerOf } from "./is-owner-of.ts";
import type { Prepared } from "./prepare-query.ts";

/** What is noted of a query while it runs. */
export interface QueryNotes {
  /** Of finished attempts, those that do not count among them. */
  readonly reports: Map<AttemptId, AttemptReport>;
  attempts: number;
  /** Attempts beside one that ran. */
  seconds: number;
  /** Of sets of keys that came from and went to other nodes. */
  keyBytes: number;
}

export const keyBytes = (sets: readonly (KeySet | undefined)[]): number =>
  sets.reduce((sum, set) => sum + (set?.length ?? 0), 0);

export const newNotes = (): QueryNotes => ({ reports: new Map(), attempts: 0, seconds: 0, keyBytes: 0 });

export interface Times {
  readonly queuedMs: number;
  readonly totalMs: number;
}

/** The report of a query that ended well, from the state it ended in. */
export const collectReport = (
  queryId: string,
  { plan, members }: Prepared,
  state: QueryState,
  notes: QueryNotes,
  times: Times,
): ClusterReport => {
  const nodes = [...state.nodes.values()];
  const splitsOf = ({ work }: Task): readonly Split[] =>
    work.kind === "splits"
      ? work.items.flatMap(({ split }) => members.get(split)?.map((member) => member.split) ?? [split])
      : [];
  const fragments = state.tasks.map((tasks, id) => fragmentReport(id, tasks ?? [], notes, splitsOf));
  const ran = fragments.flatMap(({ tasks }) => tasks);
  let splits = 0;
  let splitsByOwners = 0;
  for (const task of state.tasks.flatMap((tasks) => tasks ?? [])) {
    const { status } = task;
    if (status.kind !== "done") continue;
    const read = splitsOf(task);
    splits += read.length;
    splitsByOwners += read.filter((split) => isOwnerOf(split, status.nodeId, nodes)).length;
  }
  return {
    queryId,
    coordinatorId: state.spec.coordinatorId,
    nodes: [...new Set(ran.map(({ nodeId }) => nodeId))].sort(),
    bytesBetweenNodes: fragments.reduce((sum, { bytesIn }) => sum + bytesIn, notes.keyBytes),
    splits,
    splitsByOwners,
    tasks: ran.length,
    attempts: notes.attempts,
    retries: Math.max(0, notes.attempts - notes.seconds - ran.length),
    ...times,
    plan,
    fragments,
  };
};

/** The report of a query that this node ran by itself. */
export const aloneReport = (queryId: string, nodeId: NodeId, splits: number, times: Times): ClusterReport => ({
  queryId,
  coordinatorId: nodeId,
  nodes: [nodeId],
  bytesBetweenNodes: 0,
  splits,
  splitsByOwners: splits,
  tasks: 1,
  attempts: 1,
  retries: 0,
  ...times,
  plan: undefined,
  fragments: [],
});

const fragmentReport = (
  fragmentId: number,
  tasks: readonly Task[],
  notes: QueryNotes,
  splitsOf: (task: Task) => readonly Split[],
): FragmentReport => {
  const operatorRows = new Map<number, number>();
  const scans = new Map<number, ScanReport>();
  const done: TaskReport[] = [];
  let [bytesOwn, bytesOut, peakBytes] = [0, 0, 0];
  for (const task of tasks) {
    const { taskId, status } = task;
    if (status.kind !== "done") continue;
    const report = notes.reports.get(status.attemptId);
    if (report === undefined) continue;
    bytesOwn += report.bytesOwn;
    bytesOut += report.bytes;
    peakBytes = Math.max(peakBytes, report.peakBytes);
    for (const { operatorId, rows } of report.operators) {
      operatorRows.set(operatorId, (operatorRows.get(operatorId) ?? 0) + rows);
    }
    for (const scan of report.scans) scans.set(scan.operatorId, added(scans.get(scan.operatorId), scan));
    done.push({
      taskId,
      nodeId: status.nodeId,
      splits: splitsOf(task).length,
      rows: report.rows,
      bytesIn: report.bytesIn,
      elapsedMs: report.elapsedMs,
    });
  }
  return {
    fragmentId,
    rows: done.reduce((sum, { rows }) => sum + rows, 0),
    bytesIn: done.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
    bytesOwn,
    bytesOut,
    longestMs: done.reduce((most, { elapsedMs }) => Math.max(most, elapsedMs), 0),
    peakBytes,
    operatorRows,
    scans,
    tasks: done,
  };
};

const added = (sum: ScanReport | undefined, scan: ScanReport): ScanReport =>
  sum === undefined
    ? scan
    : {
        operatorId: scan.operatorId,
        rowsRead: sum.rowsRead + scan.rowsRead,
        bytesRead: sum.bytesRead + scan.bytesRead,
        pagesRead: sum.pagesRead + scan.pagesRead,
        pagesPruned: sum.pagesPruned + scan.pagesPruned,
        cacheHits: sum.cacheHits + scan.cacheHits,
        cacheMisses: sum.cacheMisses + scan.cacheMisses,
        rowGroups: sum.rowGroups + scan.rowGroups,
        rowGroupsPruned: sum.rowGroupsPruned + scan.rowGroupsPruned,
        rowGroupsPrunedByBloomFilter: sum.rowGroupsPrunedByBloomFilter + scan.rowGroupsPrunedByBloomFilter,
        rowsPruned: sum.rowsPruned + scan.rowsPruned,
        morsels: sum.morsels + scan.morsels,
      };

/** What the root did, told as other attempts tell it. */
export const rootReport = (
  metrics: QueryMetrics,
  { bytesIn, bytesOwn }: { readonly bytesIn: number; readonly bytesOwn: number },
  elapsedMs: number,
): AttemptReport => ({
  rows: metrics.resultRows,
  bytes: metrics.resultBytes,
  bytesIn,
  bytesOwn,
  elapsedMs,
  cpuMs: metrics.pipelines.reduce((sum, { busyMs }) => sum + busyMs, 0),
  peakBytes: metrics.peakBytes,
  operators: metrics.operatorRows.flatMap((rows, operatorId) => (rows > 0 ? [{ operatorId, rows }] : [])),
  scans: metrics.scans.map(({ runtimeFilters: _, ...scan }) => scan),
});
