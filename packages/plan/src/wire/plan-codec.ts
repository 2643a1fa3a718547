import type { ScanColumn } from "../logical-plan.ts";
import type { JoinKey, PhysicalJoinKind, PhysicalPlan } from "../physical-plan.ts";
import type { Table } from "../table.ts";
import { type Codec, list, object, omittable, optional, union } from "./codec.ts";
import { dataType } from "./data-type-codec.ts";
import { aggregateColumn, column, expression, expressions, projection, sortKey } from "./expression-codec.ts";
import { bigInteger, flag, float, keyOf, natural, text } from "./scalar-codecs.ts";

const joinKind = keyOf<PhysicalJoinKind>({
  inner: true,
  probeOuter: true,
  buildOuter: true,
  full: true,
  probeSemi: true,
  probeAnti: true,
  buildSemi: true,
  buildAnti: true,
  mark: true,
  single: true,
});

const joinKey: Codec<JoinKey> = object<JoinKey>({ build: expression, probe: expression, nullSafe: flag });

const scanColumn: Codec<ScanColumn> = object<ScanColumn>({
  index: natural,
  id: natural,
  name: text,
  type: dataType,
  nullable: flag,
});

const int64Value = bigInteger(-(2n ** 63n), 2n ** 63n - 1n);

const keptFiles = object<{ readonly kept: number; readonly all: number }>({ kept: natural, all: natural });

const operator = { operatorId: natural, columns: list(column), estimatedRows: float };

/** Plans whose scans refer to tables as `table` says. */
export const planCodec = (table: Codec<Table>): Codec<PhysicalPlan> => {
  const plan: Codec<PhysicalPlan> = union<PhysicalPlan>(() => ({
    scan: {
      ...operator,
      table,
      alias: text,
      read: list(scanColumn),
      filters: expressions,
      files: omittable(keptFiles),
    },
    values: { ...operator, rows: list(expressions) },
    series: { ...operator, start: int64Value, step: int64Value, count: natural },
    filter: { ...operator, predicate: expression, input: plan },
    project: { ...operator, projections: list(projection), input: plan },
    hashJoin: {
      ...operator,
      joinKind,
      keys: list(joinKey),
      residual: expression,
      mark: optional(column),
      probe: plan,
      build: plan,
    },
    aggregate: { ...operator, groups: list(projection), aggregates: list(aggregateColumn), input: plan },
    sort: { ...operator, keys: list(sortKey), inRuns: omittable(flag), input: plan },
    topN: {
      ...operator,
      keys: list(sortKey),
      limit: natural,
      offset: natural,
      inRuns: omittable(flag),
      input: plan,
    },
    limit: { ...operator, limit: optional(natural), offset: natural, input: plan },
    unionAll: { ...operator, inputColumns: list(list(natural)), inputs: list(plan) },
    with: { ...operator, cteId: natural, name: text, definition: plan, body: plan },
    cteScan: { ...operator, cteId: natural, name: text, sources: list(natural) },
    repeat: { ...operator, count: expression, input: plan },
  }));
  return plan;
};
