import type { PhysicalPlan } from "@headcut/plan";
import { workFactor } from "../cost/learnt-work.ts";
import { aloneWork } from "../cost/place-costs.ts";
import { LEAST_EXCHANGE_MS, suitsAlone } from "../cost/suits-alone.ts";
import { inlineDefinitions } from "../cut/inline-definitions.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";
import { isOwnerOf } from "./is-owner-of.ts";
import type { ViewNode } from "./nodes-view.ts";
import { findSplits, onOwnFiles } from "./prepare-query.ts";
import type { QueryParts } from "./query-parts.ts";
import { recallPrepared } from "./recall-prepared.ts";
import type { ScanSplits } from "./scan-splits.ts";

/** Where a query runs. */
export type Place = Alone | Spread;

/** On this node, on its own files. */
export interface Alone {
  readonly kind: "alone";
  readonly plan: PhysicalPlan;
  readonly splitCount: number;
  /** What it should take by the model. */
  readonly modelMs: number;
}

export interface Spread {
  readonly kind: "spread";
  readonly plan: PhysicalPlan;
  readonly splits: ScanSplits;
}

/** By the plans as they came: those of repeated statements come again, and what is known of them is kept by the plan. */
const written = new WeakMap<PhysicalPlan, PhysicalPlan>();

/** The plan as it is cut; one node does better with definitions that are kept. */
const distributed = (plan: PhysicalPlan): PhysicalPlan => {
  const own = written.get(plan) ?? inlineDefinitions(plan);
  written.set(plan, own);
  return own;
};

/**
 * Where a query had better run: with all nodes, or on this one, if that has all of its shards and is expected to be done as early. `memoryBytes`: what the
 * query may use on a node.
 */
export const choosePlace = async (parts: QueryParts, plan: PhysicalPlan, memoryBytes: number): Promise<Place> => {
  const splits = await findSplits(plan, parts.splitsOf);
  const nodes = parts.view.nodes();
  const own = hasAll(splits, parts.nodeId, nodes) ? onOwnFiles(plan, parts.localFile) : undefined;
  const modelMs = own === undefined ? 0 : aloneWork(plan, splits);
  const alone = (): Alone => ({
    kind: "alone",
    plan: own!,
    splitCount: [...splits.values()].reduce((sum, { length }) => sum + length, 0),
    modelMs,
  });
  const factor = workFactor(plan);
  const { threads } = parts.engine;
  if (own !== undefined && nobodyElseCan(splits, parts.nodeId, nodes)) return alone();
  const mayBeAlone = own !== undefined && parts.mayRunAlone;
  if (mayBeAlone && (modelMs * factor) / threads <= LEAST_EXCHANGE_MS) return alone();

  const cutPlan = distributed(plan);
  const cutSplits = cutPlan === plan ? splits : await findSplits(cutPlan, parts.splitsOf);
  if (mayBeAlone) {
    const prepared = recallPrepared(cutPlan, cutSplits, parts.nodeId, nodes, { ...parts, memoryBytes, local: true });
    const load = { threads, here: parts.engine.running(), elsewhere: loadOfOthers(parts.nodeId, nodes) };
    if (suitsAlone({ ...prepared.costs, aloneMs: modelMs }, factor, load)) return alone();
  }
  return { kind: "spread", plan: cutPlan, splits: cutSplits };
};

const hasAll = (splits: ScanSplits, nodeId: NodeId, nodes: readonly ViewNode[]): boolean =>
  [...splits.values()].flat().every((split) => isOwnerOf(split, nodeId, nodes));

const nobodyElseCan = (splits: ScanSplits, nodeId: NodeId, nodes: readonly ViewNode[]): boolean => {
  const onlyHere = ({ reach }: Split): boolean => reach.kind === "held" && reach.by.every((by) => by === nodeId);
  return nodes.every((node) => node.nodeId === nodeId) || [...splits.values()].flat().every(onlyHere);
};

const loadOfOthers = (nodeId: NodeId, nodes: readonly ViewNode[]): number =>
  Math.max(0, ...nodes.filter((node) => node.nodeId !== nodeId && !node.draining).map(({ load }) => load));
