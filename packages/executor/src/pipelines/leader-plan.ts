import {
  type ColumnId,
  type PhysicalAggregate,
  type PhysicalHashJoin,
  type PhysicalJoinKind,
  type PhysicalPlan,
  physicalInputs,
  unreachable,
} from "@headcut/plan";
import { storageOf } from "../layout/storage.ts";
import { denseKeys } from "./operators/aggregate/dense-keys.ts";

/** Of a join's build rows, those that are alike in these columns follow one of them, their leader: equal leaders are equal values. */
export interface Leaders {
  readonly join: PhysicalHashJoin;
  readonly columns: ReadonlySet<ColumnId>;
}

/** Keys of an aggregation that the address of a leader stands for. */
export interface LeaderKey {
  readonly leaders: Leaders;
  /** By the group's id, the build side's column. */
  readonly columns: ReadonlyMap<ColumnId, ColumnId>;
}

export interface LeaderPlan {
  readonly ofJoin: (join: PhysicalHashJoin) => Leaders | undefined;
  readonly ofAggregate: (aggregate: PhysicalAggregate) => readonly LeaderKey[];
}

/** Build rows whose groups each thread remembers (operators/aggregate/row-groups.ts): a little that stays in the first-level cache. */
export const REMEMBERED_ROWS = 1024;
/** Rows to group for each row that looks for its leader: with fewer, the search costs what it saves. */
const LEAST_ROWS_PER_LEADER = 2;

/**
 * Decides which joins find leaders among their build rows, for which keys of which aggregations. Keys that cost much to hash and to compare
 * are looked at once for each build row, instead of for each row that meets it, and again wherever groups of several threads are
 * brought together or grouped further. `spilling`: rows on disk have no address.
 */
export const planLeaders = (plan: PhysicalPlan, spilling: ReadonlySet<number> = new Set()): LeaderPlan => {
  const joins = new Map<PhysicalHashJoin, Leaders>();
  const aggregates = new Map<PhysicalAggregate, readonly LeaderKey[]>();

  /** The build side's column that the plan's column is, row by row. */
  const originOf = (node: PhysicalPlan, id: ColumnId): Origin | undefined => {
    switch (node.kind) {
      case "hashJoin":
        if (spilling.has(node.operatorId)) return undefined;
        if (node.joinKind === "inner" && node.build.columns.some((column) => column.id === id)) {
          return { join: node, column: id };
        }
        return passesProbe[node.joinKind] ? originOf(node.probe, id) : undefined;
      case "filter":
      case "limit":
        return originOf(node.input, id);
      case "project": {
        const expression = node.projections.find((one) => one.id === id)?.expression;
        return expression?.kind === "column" ? originOf(node.input, expression.id) : undefined;
      }
      case "aggregate": {
        const key = aggregates.get(node)?.find(({ columns }) => columns.has(id));
        return key && { join: key.leaders.join, column: key.columns.get(id)! };
      }
      case "scan":
      case "values":
      case "series":
      case "sort":
      case "topN":
      case "unionAll":
      case "with":
      case "cteScan":
      case "repeat":
        return undefined;
      default:
        return unreachable(node);
    }
  };

  const leadersOf = (join: PhysicalHashJoin, columns: ReadonlySet<ColumnId>, aggregate: PhysicalAggregate) => {
    const known = joins.get(join);
    if (known !== undefined) return [...known.columns].every((column) => columns.has(column)) ? known : undefined;
    if (!pays(join, columns, aggregate)) return undefined;
    const leaders = { join, columns };
    joins.set(join, leaders);
    return leaders;
  };

  const visit = (node: PhysicalPlan): void => {
    physicalInputs(node).forEach(visit);
    if (node.kind !== "aggregate" || spilling.has(node.operatorId) || denseKeys(node) !== undefined) return;
    const byJoin = new Map<PhysicalHashJoin, Map<ColumnId, ColumnId>>();
    for (const { id, expression } of node.groups) {
      const origin = expression.kind === "column" ? originOf(node.input, expression.id) : undefined;
      if (origin === undefined) continue;
      const columns = byJoin.get(origin.join) ?? new Map<ColumnId, ColumnId>();
      byJoin.set(origin.join, columns.set(id, origin.column));
    }
    const keys = [...byJoin].flatMap(([join, columns]): LeaderKey[] => {
      const leaders = leadersOf(join, new Set(columns.values()), node);
      if (leaders === undefined) return [];
      return [{ leaders, columns: new Map([...columns].filter(([, column]) => leaders.columns.has(column))) }];
    });
    if (keys.length > 0) aggregates.set(node, keys);
  };

  visit(plan);
  return { ofJoin: (join) => joins.get(join), ofAggregate: (aggregate) => aggregates.get(aggregate) ?? [] };
};

interface Origin {
  readonly join: PhysicalHashJoin;
  readonly column: ColumnId;
}

/** Joins all of whose output rows are probe rows, with the columns they had. */
const passesProbe: Record<PhysicalJoinKind, boolean> = {
  inner: true,
  probeOuter: true,
  probeSemi: true,
  probeAnti: true,
  mark: true,
  single: true,
  buildOuter: false,
  full: false,
  buildSemi: false,
  buildAnti: false,
};

const pays = ({ build }: PhysicalHashJoin, columns: ReadonlySet<ColumnId>, { input, groups }: PhysicalAggregate) =>
  build.columns.some(({ id, type }) => columns.has(id) && storageOf(type) === "string") &&
  input.estimatedRows >= LEAST_ROWS_PER_LEADER * build.estimatedRows &&
  // The groups of so few build rows are remembered by each thread.
  (build.estimatedRows > REMEMBERED_ROWS || groups.length > columns.size);
