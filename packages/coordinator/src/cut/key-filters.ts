import {
  assert,
  type ColumnId,
  columnRef,
  type Expression,
  isInteger,
  type PhysicalHashJoin,
  type PhysicalJoinKind,
  type PhysicalPlan,
  TRUE,
} from "@headcut/plan";
import { hasKeySets, KEY_SET_LIMIT_BYTES } from "../exchange/key-set.ts";
import type { RemoteInput } from "./fragment.ts";
import { type Cutting, type OpenFragment, remoteKeysName, remoteScan } from "./open-fragment.ts";
import { outputBytes } from "./row-bytes.ts";

/** What it costs, in bytes, that one fragment waits for another: a round of messages, and nodes that have less to do meanwhile. */
const STAGE_BYTES = 256 * 1024;
/** Above this share too few rows are held back. */
const WORTHWHILE_SHARE = 0.5;

export type Side = "build" | "probe";

/** Sides of which a row without a match adds nothing to the join's result. */
const DROPS_UNMATCHED: Readonly<Record<PhysicalJoinKind, Readonly<Record<Side, boolean>>>> = {
  inner: { build: true, probe: true },
  probeOuter: { build: true, probe: false },
  buildOuter: { build: false, probe: true },
  full: { build: false, probe: false },
  probeSemi: { build: true, probe: true },
  probeAnti: { build: true, probe: false },
  buildSemi: { build: true, probe: true },
  buildAnti: { build: false, probe: true },
  // NOT IN has to know of NULLs, which are in no set of keys.
  mark: { build: false, probe: false },
  single: { build: true, probe: false },
};

/** Joins whose output rows with a value of this side's column all come from rows of the side with that value. */
const PASSES: Readonly<Record<PhysicalJoinKind, Readonly<Record<Side, boolean>>>> = {
  inner: { build: true, probe: true },
  probeOuter: { build: false, probe: true },
  buildOuter: { build: true, probe: false },
  full: { build: false, probe: false },
  probeSemi: { build: false, probe: true },
  probeAnti: { build: false, probe: true },
  buildSemi: { build: true, probe: false },
  buildAnti: { build: true, probe: false },
  mark: { build: false, probe: true },
  single: { build: false, probe: false },
};

/** A side of a join as the exchange leaves it: its own fragment ends and its rows travel, to one place or `copies`; 0: it stays. */
export interface Moving {
  readonly open: OpenFragment;
  readonly copies: number;
}

/** The keys of one side of a join, before the rows of the other are sent. */
export interface KeyFilter {
  /** The side whose fragments wait, and hold back rows without a match. */
  readonly side: Side;
  /** Index among the join's keys. */
  readonly key: number;
  /** Of the rows that are looked at. */
  readonly share: number;
  readonly savedBytes: number;
}

/** The filter between the sides of a join that saves most; undefined if none saves anything. */
export const chooseKeyFilter = (
  join: PhysicalHashJoin,
  sides: Readonly<Record<Side, Moving>>,
  cutting: Cutting,
): KeyFilter | undefined => {
  let best: KeyFilter | undefined;
  for (const side of ["probe", "build"] as const) {
    join.keys.forEach((_, key) => {
      const found = estimate(join, side, key, sides, cutting);
      if (found !== undefined && found.savedBytes > (best?.savedBytes ?? 0)) best = found;
    });
  }
  return best;
};

const estimate = (
  join: PhysicalHashJoin,
  side: Side,
  index: number,
  sides: Readonly<Record<Side, Moving>>,
  cutting: Cutting,
): KeyFilter | undefined => {
  const other = side === "build" ? "probe" : "build";
  const key = join.keys[index]!;
  const { open: source, copies } = sides[other];
  if (copies === 0 || !DROPS_UNMATCHED[join.joinKind][side]) return undefined;
  if (key.nullSafe && key.build.nullable && key.probe.nullable) return undefined;
  if (toldColumn(source.plan, key[other]) === undefined) return undefined;
  const bytes = heldBytes(sides[side], key[side], cutting);
  const [own, others] = [cutting.domainOf(key[side]), cutting.domainOf(key[other])];
  const values = Math.min(own ?? Number.POSITIVE_INFINITY, others ?? Number.POSITIVE_INFINITY);
  const share = Math.min(1, source.plan.estimatedRows / values);
  if (bytes === undefined || !Number.isFinite(values) || share > WORTHWHILE_SHARE) return undefined;
  const setBytes = Math.min(values / 8, 2 * source.plan.estimatedRows);
  if (setBytes > KEY_SET_LIMIT_BYTES) return undefined;
  const savedBytes = bytes * (1 - share) - 2 * cutting.nodeCount * setBytes - STAGE_BYTES;
  return savedBytes > 0 ? { side, key: index, share, savedBytes } : undefined;
};

/** The column of the plan whose values are the key's; undefined if there is none, or none whose values are told. */
const toldColumn = (plan: PhysicalPlan, key: Expression): number | undefined => {
  const source = key.kind === "cast" && isInteger(key.type) && isInteger(key.arg.type) ? key.arg : key;
  if (source.kind !== "column" || !hasKeySets(source.type) || !hasKeySets(key.type)) return undefined;
  const index = plan.columns.findIndex(({ id }) => id === source.id);
  return index < 0 ? undefined : index;
};

/** Bytes that travel from where a filter of this key would be. */
const heldBytes = ({ open, copies }: Moving, key: Expression, cutting: Cutting): number | undefined => {
  const target = fragmentBelow(open, key, cutting);
  if (target === undefined) return copies === 0 ? undefined : outputBytes(open.plan) * copies;
  const { plan, output } = cutting.finished(target.from);
  return outputBytes(plan) * (output.kind === "broadcast" ? cutting.nodeCount : 1);
};

interface Below {
  readonly from: number;
  readonly key: Expression;
}

/** The first of the fragments that the key's values come through on their way here; undefined if they are of this fragment's own. */
const fragmentBelow = (
  { plan, inputs }: { readonly plan: PhysicalPlan; readonly inputs: readonly RemoteInput[] },
  key: Expression,
  cutting: Cutting,
): Below | undefined => {
  if (key.kind !== "column") return undefined;
  const leaf = leafOf(plan, key.id);
  const from = inputs.find(({ operatorId }) => operatorId === leaf?.operatorId)?.from;
  // Other uses of a definition need all of its rows.
  if (leaf === undefined || from === undefined || isDefinition(from, cutting)) return undefined;
  const below: Below = { from, key: columnRef(leaf.column) };
  return fragmentBelow(cutting.finished(from), below.key, cutting) ?? below;
};

const isDefinition = (from: number, { definitions }: Cutting): boolean =>
  [...definitions.values()].some((definition) => definition.from === from);

/** The scan that a column comes from, by way of operators from which rows with a value can be kept by keeping them from the scan. */
const leafOf = (
  plan: PhysicalPlan,
  id: ColumnId,
): { readonly operatorId: number; readonly column: PhysicalPlan["columns"][number] } | undefined => {
  const through = (input: PhysicalPlan, expression: Expression | undefined) =>
    expression?.kind === "column" ? leafOf(input, expression.id) : undefined;
  switch (plan.kind) {
    case "scan": {
      const column = plan.columns.find((own) => own.id === id);
      return column === undefined ? undefined : { operatorId: plan.operatorId, column };
    }
    case "filter":
    case "sort":
    case "repeat":
      return leafOf(plan.input, id);
    case "project":
      return through(plan.input, plan.projections.find((own) => own.id === id)?.expression);
    case "aggregate":
      return through(plan.input, plan.groups.find((own) => own.id === id)?.expression);
    case "hashJoin":
      for (const side of ["probe", "build"] as const) {
        if (PASSES[plan.joinKind][side] && plan[side].columns.some((own) => own.id === id))
          return leafOf(plan[side], id);
      }
      return undefined;
    case "values":
    case "series":
    case "cteScan":
    case "topN":
    case "limit":
    case "unionAll":
    case "with":
      return undefined;
  }
};

/**
 * Sets a chosen filter up, when the other side's fragment has ended as `from`: the fragment where the rows of `open`, the side that is
 * filtered, begin to travel looks its keys up in the set of those of `from`. Returns `open`, with the lookup on top if it is that fragment itself.
 */
export const withKeyFilter = (
  join: PhysicalHashJoin,
  { side, key: index, share }: KeyFilter,
  open: OpenFragment,
  from: number,
  cutting: Cutting,
): OpenFragment => {
  const key = join.keys[index]!;
  const source = cutting.finished(from);
  const column = toldColumn(source.plan, key[side === "build" ? "probe" : "build"]);
  assert(column !== undefined, "a key that no column tells was chosen");
  const keysOf = [...new Set([...(source.keysOf ?? []), column])];
  cutting.amend(from, { ...source, keysOf });
  const lookedUp = <T extends Pick<OpenFragment, "plan" | "keyInputs">>(fragment: T, probe: Expression): T => {
    const operatorId = cutting.nextOperator();
    const told = { ...source.plan.columns[column]!, id: cutting.nextColumn(), type: key.build.type, nullable: false };
    const keys = remoteScan(operatorId, remoteKeysName(from), [told], source.plan.estimatedRows);
    const { plan, keyInputs = [] } = fragment;
    return {
      ...fragment,
      plan: {
        kind: "hashJoin",
        operatorId: cutting.nextOperator(),
        columns: plan.columns,
        estimatedRows: plan.estimatedRows * share,
        joinKind: "probeSemi",
        probe: plan,
        build: keys,
        keys: [{ probe, build: columnRef(told), nullSafe: false }],
        residual: TRUE,
        mark: undefined,
      },
      keyInputs: [...keyInputs, { operatorId, from, key: keysOf.indexOf(column) }],
    };
  };
  const target = fragmentBelow(open, key[side], cutting);
  if (target === undefined) return lookedUp(open, key[side]);
  cutting.amend(target.from, lookedUp(cutting.finished(target.from), target.key));
  return open;
};
