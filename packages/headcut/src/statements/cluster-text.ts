import type { ClusterReport, Fragment, FragmentedPlan, FragmentReport, TaskReport } from "@headcut/coordinator";
import { printAnnotatedPlan } from "@headcut/planner";
import { rowsLine, scanLines } from "./operator-lines.ts";
import { bytes, count, ms } from "./quantities.ts";

/** What the nodes of a cluster did for a query, together. */
export const clusterText = (report: ClusterReport): string => {
  const { coordinatorId, nodes, bytesBetweenNodes, splits, splitsByOwners, tasks, retries, queuedMs } = report;
  return [
    `cluster: coordinated by ${coordinatorId}; ${count(tasks, "task")} on ${nodes.join(", ")}; ${bytes(bytesBetweenNodes)} between nodes`,
    `splits read by owners: ${splitsByOwners} of ${splits}; attempts made again: ${retries}; queued ${ms(queuedMs)}`,
  ].join("\n");
};

/** The fragments as boxes, root first, each with what its tasks did on which node. */
export const fragmentTrees = ({ fragments }: FragmentedPlan, report: ClusterReport): string =>
  fragments
    .map((fragment) => {
      const done = report.fragments.find(({ fragmentId }) => fragmentId === fragment.fragmentId);
      return done === undefined ? undefined : box(fragment, done);
    })
    .filter((lines) => lines !== undefined)
    .join("\n");

const box = (fragment: Fragment, done: FragmentReport): string => {
  const tree = printAnnotatedPlan(fragment.plan, ({ operatorId, estimatedRows }) => {
    const scan = done.scans.get(operatorId);
    return [rowsLine(done.operatorRows.get(operatorId), estimatedRows), ...(scan === undefined ? [] : scanLines(scan))];
  });
  return [
    `┌ fragment ${fragment.fragmentId} · ${fragment.output.kind}`,
    ...tree.split("\n").map((line) => `│ ${line}`),
    ...taskLines(done).map((line) => `├ ${line}`),
    "└",
  ].join("\n");
};

const taskLines = ({ bytesIn, bytesOwn, bytesOut, longestMs, peakBytes, tasks }: FragmentReport): string[] => [
  `in ${bytes(bytesIn)} from other nodes, ${bytes(bytesOwn)} from its own; out ${bytes(bytesOut)}; slowest task ${ms(longestMs)}, peak memory ${bytes(peakBytes)}`,
  ...byNode(tasks).map(
    ([nodeId, { splits, rows, bytesIn, elapsedMs, tasks }]) =>
      `${nodeId}: ${count(tasks, "task")}, ${count(splits, "split")}, ${count(rows, "row")}, in ${bytes(bytesIn)}, ${ms(elapsedMs)}`,
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
export const clusterJson = ({ plan: _, fragments, ...report }: ClusterReport): object => ({
  ...report,
  fragments: fragments.map((fragment) => ({
    ...fragment,
    operatorRows: Object.fromEntries(fragment.operatorRows),
    scans: Object.fromEntries(fragment.scans),
  })),
});
