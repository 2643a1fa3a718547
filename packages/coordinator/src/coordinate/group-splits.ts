import { type DataType, isInteger, sameType, type TableColumn, type Value } from "@headcut/plan";
import { compareValues } from "@headcut/planner";
import type { SplitKey } from "../cut/fragment.ts";
import { assignSplits } from "../placement/assign.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";
import type { ScanSplit } from "../schedule/query-spec.ts";
import type { ViewNode } from "./nodes-view.ts";
import type { ScanSplits } from "./scan-splits.ts";

/** Splits that have to be read by one task, as one: to be placed like a split, in the place of its members. */
export interface SplitGroup {
  readonly item: ScanSplit;
  readonly members: readonly ScanSplit[];
}

/** A node may have so many times its share of the bytes; beyond, it is better that splits move and rows too. */
const MAX_SKEW = 1.5;

/** Of integers of two widths one may be a bigint, the other none: they compare all the same. */
type Bound = number | bigint | string;

/** All splits of one file of one scan, with the range of its key's values; none for a file whose keys are all NULL. */
interface Unit {
  readonly members: readonly ScanSplit[];
  readonly range: { readonly min: Bound; readonly max: Bound } | undefined;
  readonly hasNulls: boolean;
}

/**
 * Gives out splits of several scans so that rows with equal values of the scans' keys meet: files whose ranges of values overlap, by
 * the statistics in their footers, are one group; so are all that may have NULLs. Undefined when that is not known, when no node has all of a
 * group, or when a node would get far more than its share.
 */
export const groupSplits = (
  keys: readonly SplitKey[],
  splits: ScanSplits,
  nodes: readonly ViewNode[],
): readonly SplitGroup[] | undefined => {
  const units: Unit[] = [];
  const types: DataType[] = [];
  for (const key of keys) {
    for (const own of byFile(splits.get(key.operatorId) ?? [])) {
      const column = own[0]!.columns?.find(({ name }) => name === key.column);
      const unit = column === undefined ? undefined : unitOf(key.operatorId, own, column);
      if (unit === undefined) return undefined;
      units.push(unit);
      types.push(column!.type);
    }
  }
  if (!types.every((type) => areComparable(type, types[0]!))) return undefined;
  const groups: SplitGroup[] = [];
  for (const members of overlapping(units)) {
    const holders = commonHolders(members, nodes);
    if (holders.length === 0) return undefined;
    groups.push(asGroup(members, holders));
  }
  return isEven(groups, nodes) ? groups : undefined;
};

const byFile = (splits: readonly Split[]): readonly (readonly Split[])[] => {
  const files = new Map<string, Split[]>();
  for (const split of splits) {
    const own = files.get(split.file.path) ?? [];
    own.push(split);
    files.set(split.file.path, own);
  }
  return [...files.values()];
};

const unitOf = (operatorId: number, splits: readonly Split[], { statistics }: TableColumn): Unit | undefined => {
  const rowCount = splits.reduce((sum, split) => sum + split.rowCount, 0);
  const { min, max, nullCount } = statistics ?? {};
  const members = splits.map((split): ScanSplit => ({ operatorId, split: { ...split } }));
  const hasNulls = nullCount !== 0;
  if (isBound(min) && isBound(max)) return { members, range: { min, max }, hasNulls };
  return nullCount === rowCount ? { members, range: undefined, hasNulls } : undefined;
};

const isBound = (value: Value | undefined): value is Bound =>
  typeof value === "number" || typeof value === "bigint" || typeof value === "string";

/** Values of both are numbers or texts, and compare as SQL compares them. */
const areComparable = (a: DataType, b: DataType): boolean => {
  if (isInteger(a) && isInteger(b)) return true;
  if (a.kind === "varchar" && b.kind === "varchar") return true;
  return (a.kind === "date" || a.kind === "timestamp" || a.kind === "decimal") && sameType(a, b);
};

/** The members of units that overlap, directly or by others between them. */
const overlapping = (units: readonly Unit[]): readonly (readonly ScanSplit[])[] => {
  const ranged = units.filter(({ range }) => range !== undefined).sort((a, b) => compare(a.range!.min, b.range!.min));
  const groups: { members: ScanSplit[]; hasNulls: boolean }[] = [];
  let end: Bound | undefined;
  for (const { members, range, hasNulls } of ranged) {
    const last = groups.at(-1);
    if (last !== undefined && compare(range!.min, end!) <= 0) {
      last.members.push(...members);
      last.hasNulls ||= hasNulls;
      if (compare(range!.max, end!) > 0) end = range!.max;
    } else {
      groups.push({ members: [...members], hasNulls });
      end = range!.max;
    }
  }
  for (const { members } of units.filter(({ range }) => range === undefined)) {
    groups.push({ members: [...members], hasNulls: true });
  }
  const withNulls = groups.filter(({ hasNulls }) => hasNulls).flatMap(({ members }) => members);
  const without = groups.filter(({ hasNulls }) => !hasNulls).map(({ members }) => members);
  return withNulls.length > 0 ? [...without, withNulls] : without;
};

const compare = (a: Bound, b: Bound): number =>
  typeof a === "string" || typeof b === "string" ? compareValues(a, b) : a < b ? -1 : a > b ? 1 : 0;

const commonHolders = (members: readonly ScanSplit[], nodes: readonly ViewNode[]): readonly NodeId[] =>
  nodes
    .map(({ nodeId }) => nodeId)
    .filter((nodeId) =>
      members.every(({ split: { reach } }) => reach.kind === "anywhere" || reach.by.includes(nodeId)),
    );

/** Named after its largest member. */
const asGroup = (members: readonly ScanSplit[], by: readonly NodeId[]): SplitGroup => {
  const largest = members.reduce((a, b) => (b.split.byteLength > a.split.byteLength ? b : a));
  const split: Split = {
    ...largest.split,
    byteLength: members.reduce((sum, { split }) => sum + split.byteLength, 0),
    rowCount: members.reduce((sum, { split }) => sum + split.rowCount, 0),
    reach: { kind: "held", by },
  };
  return { item: { operatorId: largest.operatorId, split }, members };
};

const isEven = (groups: readonly SplitGroup[], nodes: readonly ViewNode[]): boolean => {
  const up = nodes.filter(({ draining }) => !draining);
  const able = up.length > 0 ? up : nodes;
  const splits = groups.map(({ item }) => item.split);
  const reachable = (split: Split): boolean =>
    split.reach.kind === "anywhere" || split.reach.by.some((by) => able.some(({ nodeId }) => nodeId === by));
  if (!splits.every(reachable)) return false;
  const loads = new Map<NodeId, number>();
  let bytes = 0;
  for (const { split, nodeId } of assignSplits(splits, able)) {
    loads.set(nodeId, (loads.get(nodeId) ?? 0) + split.byteLength);
    bytes += split.byteLength;
  }
  const weights = able.reduce((sum, { weight }) => sum + weight, 0);
  return able.every(({ nodeId, weight }) => (loads.get(nodeId) ?? 0) <= (MAX_SKEW * bytes * weight) / weights);
};
