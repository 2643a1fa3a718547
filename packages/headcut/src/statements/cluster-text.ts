import type { ClusterReport, FragmentReport, TaskReport } from "@headcut/coordinator";
import { bytes, count, ms } from "./quantities.ts";

/** What the nodes of a cluster did for a query, for people: the whole, then each fragment with its tasks. */
export const clusterText = (report: ClusterReport): string => {
  const { coordinatorId, nodes, bytesBetweenNodes, splits, splitsByOwners, tasks, retries, queuedMs } = report;
  return [
    `cluster: coordinated by ${coordinatorId}; ${count(tasks, "task")} on ${nodes.join(", ")}; ${bytes(bytesBetweenNodes)} between nodes`,
    `splits read by owners: ${splitsByOwners} of ${splits}; attempts made again: ${retries}; queued ${ms(queuedMs)}`,
    ...report.fragments.flatMap(fragmentLines),
  ].join("\n");
};

const fragmentLines = ({
  fragmentId,
  rows,
  bytesIn,
  bytesOwn,
  bytesOut,
  longestMs,
  peakBytes,
  tasks,
}: FragmentReport): string[] => [
  `fragment ${fragmentId}: ${count(rows, "row")}, ${bytes(bytesOut)} out; ${bytes(bytesIn)} in from other nodes, ${bytes(bytesOwn)} from its own; slowest task ${ms(longestMs)}, peak memory ${bytes(peakBytes)}`,
  ...byNode(tasks).map(
    ([nodeId, { splits, rows, bytesIn, elapsedMs, tasks }]) =>
      `  ${nodeId}: ${count(tasks, "task")}, ${count(splits, "split")}, ${count(rows, "row")}, ${bytes(bytesIn)} in, ${ms(elapsedMs)}`,
  ),
];

interface NodeSums {
  readonly tasks: number;
  readonly splits: number;
  readonly rows: number;
  readonly bytesIn: number;
  readonly elapsedMs: number;
}

const byNode = (tasks: readonly TaskReport[]): [string, NodeSums][] => {
  const nodes = new Map<string, NodeSums>();
  for (const { nodeId, splits, rows, bytesIn, elapsedMs } of tasks) {
    const sums = nodes.get(nodeId) ?? { tasks: 0, splits: 0, rows: 0, bytesIn: 0, elapsedMs: 0 };
    nodes.set(nodeId, {
      tasks: sums.tasks + 1,
      splits: sums.splits + splits,
      rows: sums.rows + rows,
      bytesIn: sums.bytesIn + bytesIn,
      elapsedMs: sums.elapsedMs + elapsedMs,
    });
  }
  return [...nodes].sort(([a], [b]) => (a < b ? -1 : 1));
};

/** The report with its maps as objects, as JSON can write it. */
export const clusterJson = (report: ClusterReport): object => ({
  ...report,
  fragments: report.fragments.map((fragment) => ({
    ...fragment,
    operatorRows: Object.fromEntries(fragment.operatorRows),
    scans: Object.fromEntries(fragment.scans),
  })),
});
