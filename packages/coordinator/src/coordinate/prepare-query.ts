import type { ParquetFile, PhysicalPlan } from "@headcut/plan";
import { type PlaceCosts, placeCosts } from "../cost/place-costs.ts";
import { type CutOptions, cut } from "../cut/cut.ts";
import type { FragmentedPlan } from "../cut/fragment.ts";
import { mapScans } from "../cut/map-scans.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";
import {
  DEFAULT_SCHEDULE,
  type QuerySpec,
  type ScanSplit,
  type ScheduleOptions,
  type Work,
} from "../schedule/query-spec.ts";
import { queryWork } from "../schedule/query-work.ts";
import { estimateMemory } from "./estimate-memory.ts";
import { findLocality } from "./find-locality.ts";
import type { ViewNode } from "./nodes-view.ts";
import type { ScanSplits } from "./scan-splits.ts";

/** Scans of files, with what they read. */
export const parquetScans = (
  plan: PhysicalPlan,
): readonly { readonly operatorId: number; readonly files: readonly ParquetFile[] }[] => {
  const found: { operatorId: number; files: readonly ParquetFile[] }[] = [];
  mapScans(plan, (scan) => {
    const { source } = scan.table;
    if (source.kind === "parquet") found.push({ operatorId: scan.operatorId, files: source.files });
    return scan;
  });
  return found;
};

/** Asks for the splits of all scans at once, and once for a file that several read. */
export const findSplits = async (
  plan: PhysicalPlan,
  splitsOf: (file: ParquetFile) => Promise<readonly Split[]>,
): Promise<ScanSplits> => {
  const asked = new Map<ParquetFile, Promise<readonly Split[]>>();
  const ask = (file: ParquetFile): Promise<readonly Split[]> => {
    const answer = asked.get(file) ?? splitsOf(file);
    asked.set(file, answer);
    return answer;
  };
  const entries = parquetScans(plan).map(
    async ({ operatorId, files }) => [operatorId, (await Promise.all(files.map(ask))).flat()] as const,
  );
  return new Map(await Promise.all(entries));
};

export const totalBytes = (splits: ScanSplits): number => {
  let bytes = 0;
  for (const own of splits.values()) for (const { byteLength } of own) bytes += byteLength;
  return bytes;
};

/** The plan with this node's own files in the place of shards; undefined if it has not all of them. */
export const onOwnFiles = (
  plan: PhysicalPlan,
  localFile: (file: ParquetFile) => ParquetFile | undefined,
): PhysicalPlan | undefined => {
  let complete = true;
  const local = mapScans(plan, (scan) => {
    const { source } = scan.table;
    if (source.kind !== "parquet") return scan;
    const files: ParquetFile[] = [];
    for (const file of source.files) {
      const own = localFile(file);
      if (own === undefined) complete = false;
      else files.push(own);
    }
    return { ...scan, table: { ...scan.table, source: { kind: "parquet", files } } };
  });
  return complete ? local : undefined;
};

export interface PlanningOptions {
  readonly schedule: Partial<ScheduleOptions>;
  /** Compressed bytes that are worth a node: fewer nodes are used when there is less. */
  readonly bytesPerNode: number;
  /** What a query may use on a node. */
  readonly memoryBytes: number;
}

/** Into how many partitions rows are spread: one for each node, as far as there is something to do for each. */
export const cutOptions = (
  splits: ScanSplits,
  nodes: readonly ViewNode[],
  { bytesPerNode }: Pick<PlanningOptions, "bytesPerNode">,
): CutOptions => {
  const able = Math.max(1, nodes.filter(({ draining }) => !draining).length);
  return { nodeCount: Math.max(1, Math.min(able, Math.ceil(totalBytes(splits) / bytesPerNode))) };
};

/**
 * A node's splits are one task when there are few bytes of them: each task costs messages, partial results, and what it builds of tables that
 * it joins with. All threads of a node work on one task, so that two gain little but that less is lost with a node.
 */
const TWO_TASKS_BYTES = 512 * 1024 * 1024;

export interface Prepared {
  readonly plan: FragmentedPlan;
  readonly spec: QuerySpec;
  /** What a fragment's tasks read beside their own splits: all of some tables. By fragment. */
  readonly copies: readonly (readonly ScanSplit[])[];
  /** The splits behind those of the scheduler's that stand for several. */
  readonly members: ReadonlyMap<Split, readonly ScanSplit[]>;
  readonly costs: PlaceCosts;
}

/** What the scheduler is told of a query. `local`: whether joins may rely on where the splits are. */
export const prepareQuery = (
  plan: PhysicalPlan,
  splits: ScanSplits,
  coordinatorId: NodeId,
  nodes: readonly ViewNode[],
  options: PlanningOptions & { readonly local: boolean },
): Prepared => {
  const locality = findLocality(splits, nodes);
  const cutUp = cut(plan, { ...cutOptions(splits, nodes, options), ...(options.local && { locality }) });
  const members = new Map<Split, readonly ScanSplit[]>();
  const fragments = queryWork(cutUp, splits, 0).map((fragment, i) => {
    const { plan: own, runs } = cutUp.fragments[i]!;
    const groups = runs.kind === "splits" && runs.by !== undefined ? locality.groups(runs.by) : undefined;
    for (const { item, members: behind } of groups ?? []) members.set(item.split, behind);
    const work: Work = groups === undefined ? fragment.work : { kind: "splits", items: groups.map(({ item }) => item) };
    // Two tasks fit on a node whatever the estimate.
    return { ...fragment, work, memoryBytes: Math.min(estimateMemory(own), options.memoryBytes / 2) };
  });
  const copies = cutUp.fragments.map(({ runs }) =>
    (runs.kind === "splits" ? (runs.copies ?? []) : []).flatMap((operatorId) =>
      splits.get(operatorId)!.map((split): ScanSplit => ({ operatorId, split })),
    ),
  );
  const tasksPerNode = totalBytes(splits) / nodes.length < TWO_TASKS_BYTES ? 1 : DEFAULT_SCHEDULE.tasksPerNode;
  const costs = placeCosts(plan, cutUp, splits, nodesLike(coordinatorId, nodes));
  const schedule = { ...DEFAULT_SCHEDULE, tasksPerNode, ...options.schedule };
  return { plan: cutUp, spec: { fragments, coordinatorId, options: schedule }, copies, members, costs };
};

/** So many nodes like the coordinator do the work of all. */
const nodesLike = (coordinatorId: NodeId, nodes: readonly ViewNode[]): number => {
  const up = nodes.filter(({ draining }) => !draining);
  const own = nodes.find(({ nodeId }) => nodeId === coordinatorId)?.weight ?? 1;
  return Math.max(1, up.reduce((sum, { weight }) => sum + weight, 0) / own);
};

/** Whether a plan relies on splits being where they are: with fewer nodes another plan may do. */
export const reliesOnPlaces = ({ fragments }: FragmentedPlan): boolean =>
  fragments.some(({ runs }) => runs.kind === "splits" && (runs.by !== undefined || runs.copies !== undefined));
