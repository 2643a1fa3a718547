import {
  type ColumnId,
  type DataType,
  type JoinKey,
  type PhysicalHashJoin,
  type PhysicalJoinKind,
  type PhysicalPlan,
  type PhysicalScan,
  type Projection,
  unreachable,
} from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";

/** What the build side of a join will know of one of its keys, for scans that can use it. */
export interface KeyFilter {
  /** Offset in the states block (`runtimeFilter`). */
  readonly state: number;
  /** Index among the join's keys. */
  readonly key: number;
  readonly type: DataType;
  /** 4 or 8: the key is an integer of that storage. 0: it is known by the row's hash. */
  readonly keyBytes: 0 | 4 | 8;
}

/** A filter as a scan applies it. */
export interface ScanKeyFilter {
  readonly filter: KeyFilter;
  readonly column: ColumnId;
}

export interface RuntimeFilterPlan {
  readonly ofJoin: (join: PhysicalHashJoin) => readonly KeyFilter[];
  readonly ofScan: (scan: PhysicalScan) => readonly ScanKeyFilter[];
}

/** A filter on its way down the plan: what it says of which column. */
interface Wanted {
  readonly column: ColumnId;
  /** The filter, which exists once a scan wants it. */
  readonly take: () => KeyFilter;
}

/**
 * Decides which scans learn from which joins: where a row whose key is not in a join's build side is dropped anyway, the scan
 * that the key's column comes from may drop it first. A join's build side is complete before any pipeline of its probe side
 * runs, so filters go down into probe sides, and from there into the build sides of the joins below.
 * `allocate` gives offsets in the states block. Joins that spill have not all their build rows in memory at once, and tell nothing.
 */
export const planRuntimeFilters = (
  plan: PhysicalPlan,
  allocate: () => number,
  spilling: ReadonlySet<number> = new Set(),
): RuntimeFilterPlan => {
  const joins = new Map<PhysicalHashJoin, KeyFilter[]>();
  const scans = new Map<PhysicalScan, ScanKeyFilter[]>();

  const ownFilters = (join: PhysicalHashJoin): Wanted[] =>
    dropsUnmatchedProbe[join.joinKind] && !spilling.has(join.operatorId)
      ? join.keys.flatMap((key, index): Wanted[] => {
          const keyBytes = filterBytes(key, join);
          if (keyBytes === undefined || key.probe.kind !== "column") return [];
          let made: KeyFilter | undefined;
          const take = (): KeyFilter => {
            if (made === undefined) {
              made = { state: allocate(), key: index, type: key.probe.type, keyBytes };
              joins.set(join, [...(joins.get(join) ?? []), made]);
            }
            return made;
          };
          return [{ column: key.probe.id, take }];
        })
      : [];

  const visitJoin = (join: PhysicalHashJoin, wanted: readonly Wanted[]): void => {
    const { probe, build, joinKind, keys } = join;
    visit(build, passesToBuild[joinKind] ? wantedThrough(wanted, build, keys, "build") : []);
    const passed = passesToProbe[joinKind] ? wantedThrough(wanted, probe, keys, "probe") : [];
    visit(probe, [...ownFilters(join), ...passed]);
  };

  const visit = (node: PhysicalPlan, wanted: readonly Wanted[]): void => {
    switch (node.kind) {
      case "scan": {
        const read = new Set(node.read.map(({ id }) => id));
        const taken = wanted
          .filter(({ column }) => read.has(column))
          .map(({ column, take }) => ({ column, filter: take() }));
        if (taken.length > 0) scans.set(node, taken);
        return;
      }
      case "values":
      case "series":
      case "cteScan":
        return;
      case "sort":
        // Runs are merged as they come.
        if (node.inRuns !== true) visit(node.input, wanted);
        return;
      case "filter":
      case "repeat":
        visit(node.input, wanted);
        return;
      case "project":
        visit(node.input, renamed(wanted, node.projections));
        return;
      case "aggregate":
        visit(node.input, renamed(wanted, node.groups));
        return;
      case "topN":
      case "limit":
        visit(node.input, []);
        return;
      case "unionAll":
        node.inputs.forEach((input, i) => {
          const own = wanted.flatMap(({ column, take }) => {
            const position = node.columns.findIndex(({ id }) => id === column);
            return position < 0 ? [] : [{ column: node.inputColumns[i]![position]!, take }];
          });
          visit(input, own);
        });
        return;
      case "with":
        visit(node.definition, []);
        visit(node.body, wanted);
        return;
      case "hashJoin":
        visitJoin(node, wanted);
        return;
      default:
        unreachable(node);
    }
  };

  visit(plan, []);
  return { ofJoin: (join) => joins.get(join) ?? [], ofScan: (scan) => scans.get(scan) ?? [] };
};

/** Joins to whose result a probe row without a match adds nothing. */
const dropsUnmatchedProbe: Record<PhysicalJoinKind, boolean> = {
  inner: true,
  buildOuter: true,
  probeSemi: true,
  buildSemi: true,
  buildAnti: true,
  probeOuter: false,
  full: false,
  probeAnti: false,
  mark: false,
  single: false,
};

/** Joins whose output rows of one probe row all stem from it alone. A single join may fail on rows that are dropped later. */
const passesToProbe: Record<PhysicalJoinKind, boolean> = {
  inner: true,
  buildOuter: true,
  probeOuter: true,
  probeSemi: true,
  probeAnti: true,
  buildSemi: true,
  buildAnti: true,
  mark: true,
  full: false,
  single: false,
};

/** Joins to whose result a build row that a filter drops adds only rows that the same filter drops. */
const passesToBuild: Record<PhysicalJoinKind, boolean> = {
  inner: true,
  buildOuter: true,
  buildSemi: true,
  buildAnti: true,
  probeSemi: true,
  probeAnti: true,
  probeOuter: false,
  full: false,
  mark: false,
  single: false,
};

/** The filters on columns of one side of a join; equal keys bring those of the other side's keys along. */
const wantedThrough = (
  wanted: readonly Wanted[],
  side: PhysicalPlan,
  keys: readonly JoinKey[],
  name: "build" | "probe",
): Wanted[] => {
  const own = new Set(side.columns.map(({ id }) => id));
  const other = name === "build" ? "probe" : "build";
  return wanted.flatMap(({ column, take }) => {
    if (own.has(column)) return [{ column, take }];
    return keys.flatMap((key): Wanted[] => {
      const [here, there] = [key[name], key[other]];
      return here.kind === "column" && there.kind === "column" && there.id === column
        ? [{ column: here.id, take }]
        : [];
    });
  });
};

/** The filters on columns that are those of the input under another name. */
const renamed = (wanted: readonly Wanted[], projections: readonly Projection[]): Wanted[] =>
  wanted.flatMap(({ column, take }) => {
    const expression = projections.find(({ id }) => id === column)?.expression;
    return expression?.kind === "column" ? [{ column: expression.id, take }] : [];
  });

/** How the filter knows the key; undefined: it cannot, or is not expected to drop anything. */
const filterBytes = (key: JoinKey, join: PhysicalHashJoin): KeyFilter["keyBytes"] | undefined => {
  if (key.nullSafe && key.probe.nullable) return undefined;
  if (isVain(join)) return undefined;
  switch (storageOf(key.probe.type)) {
    case "int32":
      return 4;
    case "int64":
      return 8;
    default:
      return join.keys.length === 1 ? 0 : undefined;
  }
};

/** The build side is a table as it is, and every probe row is expected to find its match: a foreign key. */
const isVain = ({ joinKind, build, probe, estimatedRows }: PhysicalHashJoin): boolean =>
  (joinKind === "inner" || joinKind === "probeSemi") &&
  isWholeTable(build) &&
  estimatedRows >= 0.95 * probe.estimatedRows;

const isWholeTable = (plan: PhysicalPlan): boolean => {
  if (plan.kind === "project") return isWholeTable(plan.input);
  return plan.kind === "scan" && plan.filters.length === 0;
};
