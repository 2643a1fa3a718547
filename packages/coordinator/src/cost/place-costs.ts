import type { PhysicalPlan, PhysicalScan } from "@headcut/plan";
import type { ScanSplits } from "../coordinate/scan-splits.ts";
import type { Fragment, FragmentedPlan } from "../cut/fragment.ts";
import { outputBytes } from "../cut/row-bytes.ts";
import { type TaskRead, taskWork } from "./task-work.ts";

/** What a query costs on one node, and spread over nodes. Work is in milliseconds of one thread, by the model of `taskWork`. */
export interface PlaceCosts {
  readonly aloneMs: number;
  /** Of the node that has most to do, of all its tasks together. */
  readonly busiestMs: number;
  /** Of all nodes. */
  readonly spreadMs: number;
  /** Stages that wait for each other. */
  readonly depth: number;
  readonly fragments: number;
  /** That go through exchanges. */
  readonly bytes: number;
}

/** All of a plan on one node. */
export const aloneWork = (plan: PhysicalPlan, splits: ScanSplits): number =>
  taskWork(plan, (scan) => ({ rows: rowsOf(scan, splits), share: 1 }));

/** `nodes`: how many as this one there are, by their weights. */
export const placeCosts = (
  plan: PhysicalPlan,
  cutUp: FragmentedPlan,
  splits: ScanSplits,
  nodes: number,
): PlaceCosts => {
  let [busiestMs, spreadMs, bytes] = [0, 0, 0];
  for (const fragment of cutUp.fragments) {
    const { runs } = fragment;
    const tasks = runs.kind === "coordinator" ? 1 : runs.kind === "partitions" ? Math.min(runs.count, nodes) : nodes;
    const ms = taskWork(fragment.plan, (scan) => readOf(scan, fragment, cutUp, splits, nodes));
    busiestMs += ms;
    spreadMs += ms * tasks;
    if (fragment.output.kind !== "result") {
      bytes += outputBytes(fragment.plan) * (fragment.output.kind === "broadcast" ? nodes : 1);
    }
  }
  return {
    aloneMs: aloneWork(plan, splits),
    busiestMs,
    spreadMs,
    depth: depthOf(cutUp, 0),
    fragments: cutUp.fragments.length,
    bytes,
  };
};

const rowsOf = ({ operatorId, estimatedRows }: PhysicalScan, splits: ScanSplits): number =>
  splits.get(operatorId)?.reduce((sum, { rowCount }) => sum + rowCount, 0) ?? estimatedRows;

const readOf = (
  scan: PhysicalScan,
  { runs, inputs }: Fragment,
  { fragments }: FragmentedPlan,
  splits: ScanSplits,
  nodes: number,
): TaskRead => {
  const rows = rowsOf(scan, splits);
  const input = inputs.find(({ operatorId }) => operatorId === scan.operatorId);
  if (input !== undefined) {
    const { output } = fragments[input.from]!;
    return { rows, share: output.kind === "hash" ? 1 / output.partitions : 1 };
  }
  const own = splits.get(scan.operatorId);
  if (own === undefined || runs.kind !== "splits" || !runs.scans.includes(scan.operatorId)) return { rows, share: 1 };
  // A table of one split is read by one task, however many there are.
  const largest = own.reduce((most, { rowCount }) => Math.max(most, rowCount), 0);
  return { rows, share: Math.max(1 / nodes, rows === 0 ? 0 : largest / rows) };
};

const depthOf = (plan: FragmentedPlan, fragmentId: number): number => {
  const { inputs, keyInputs = [] } = plan.fragments[fragmentId]!;
  return 1 + Math.max(0, ...[...inputs, ...keyInputs].map(({ from }) => depthOf(plan, from)));
};
