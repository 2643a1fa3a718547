import type { PhysicalPlan } from "@headcut/plan";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";
import type { ViewNode } from "./nodes-view.ts";
import { type PlanningOptions, type Prepared, prepareQuery } from "./prepare-query.ts";
import type { ScanSplits } from "./scan-splits.ts";

/** What a plan was prepared for. */
interface Entry {
  readonly splits: readonly Split[];
  readonly nodes: readonly ViewNode[];
  readonly memoryBytes: number;
  readonly local: boolean;
  readonly prepared: Prepared;
}

const entries = new WeakMap<PhysicalPlan, Entry>();

type Options = PlanningOptions & { readonly local: boolean };

/**
 * `prepareQuery`, done once for a plan object that comes again while shards and nodes are the same: its fragments are then the same
 * objects, and need not be encoded or compiled anew. The other options are the process's own, and do not change.
 */
export const recallPrepared = (
  plan: PhysicalPlan,
  splits: ScanSplits,
  coordinatorId: NodeId,
  nodes: readonly ViewNode[],
  options: Options,
): Prepared => {
  const { memoryBytes, local } = options;
  const all = [...splits.values()].flat();
  const known = entries.get(plan);
  if (
    known !== undefined &&
    known.memoryBytes === memoryBytes &&
    known.local === local &&
    isSame(known.splits, all) &&
    known.nodes.length === nodes.length &&
    known.nodes.every((node, i) => isSameNode(node, nodes[i]!))
  ) {
    return known.prepared;
  }
  const prepared = prepareQuery(plan, splits, coordinatorId, nodes, options);
  entries.set(plan, { splits: all, nodes, memoryBytes, local, prepared });
  return prepared;
};

/** Catalogs give the same objects as long as nothing has changed. */
const isSame = (a: readonly Split[], b: readonly Split[]): boolean =>
  a.length === b.length && a.every((split, i) => split === b[i]);

const isSameNode = (a: ViewNode, b: ViewNode): boolean =>
  a.nodeId === b.nodeId &&
  a.address === b.address &&
  a.weight === b.weight &&
  a.draining === b.draining &&
  a.startedAt === b.startedAt;
