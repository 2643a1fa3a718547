import type { ColumnId, Expression, PhysicalHashJoin } from "@headcut/plan";
import { storageOf } from "../../../layout/storage.ts";
import type { Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionColumns } from "../../expression-columns.ts";
import type { Leaders } from "../../leader-plan.ts";
import type { QueryBuilder } from "../../query-builder.ts";
import { ROW_BUFFER_BYTES } from "../../row-buffer.ts";
import { type Field, type FieldShape, fieldShape, layoutRow, type RowLayout } from "../../row-layout.ts";
import { runtimeFilter } from "../../runtime-filter.ts";
import type { KeyFilter } from "../../runtime-filter-plan.ts";
import { ThreadStates } from "../../thread-states.ts";

/** Byte offsets in the join's shared state; kernels/pipelines/join-table.ts knows them too. */
export const joinState = {
  /** Address of an array of chains: address of the first row, by hash with its low four bits a Bloom filter of the chain. */
  directory: 0,
  mask: 4,
  /** List of all build rows, also those that match nothing. */
  list: 8,
  /** Within `list`: its number of segments, which are also the tasks of insertion. */
  segmentCount: 12,
  rowCount: 16,
  /** u32: 1 if the build side has a NULL key; kept for mark joins. */
  nullKey: 24,
  /** Address of one u32 for each 64 bits of the index's bitmap, the keys before them; 1: only the bitmap is there; 0: by hash. */
  ranks: 28,
  /** Address of the leaders, by the hash of their columns, and its mask; only where rows have leaders. */
  leaders: 32,
  leaderMask: 36,
  bytes: 40,
} as const;

/** Byte offsets in a build row. */
export const joinRow = {
  /** The chain's next row; `UNMATCHABLE` until insertion where a key is NULL. */
  next: 0,
  /** Not in tables with an index. */
  hash: 4,
  /** One byte, 1 once a probe row has matched; only in joins that ask. */
  matched: 8,
} as const;

/**
 * What a thread keeps for each key, behind its row buffer: i64 smallest ^ the largest i64, i64 largest ^ the smallest i64.
 * Zeroed = no key seen.
 */
export const KEY_BOUNDS_BYTES = 16;

/** Instead of the next row: the row has a NULL key and is not to be inserted. */
export const UNMATCHABLE = 1;

const LEADER: FieldShape = { storage: "int32", nullable: false };

/** The hash table of one join: where its state and the fields of its rows lie. */
export interface JoinTable {
  readonly plan: PhysicalHashJoin;
  readonly state: number;
  readonly threads: ThreadStates;
  readonly stride: number;
  readonly layout: RowLayout;
  /** Whether build rows live as long as the query. */
  readonly lasting: boolean;
  /** Offset in the states block of the u64 that counts all build rows. */
  readonly rowCount: number;
  /** Offset in the states block of a row of zeros, which stands for the absent build row. */
  readonly absentRow: number;
  readonly keyFields: readonly Field[];
  /** Build columns that the residual or the operators above read. */
  readonly columns: ReadonlyMap<ColumnId, Field>;
  /** What rows follow, and where they have its address. */
  readonly leaders: { readonly leaders: Leaders; readonly field: Field } | undefined;
  /** Whether rows know if they were matched. */
  readonly marksMatches: boolean;
  /** Whether rows with a NULL key are kept, because unmatched rows come out. */
  readonly keepsUnmatchable: boolean;
  /** What is gathered about keys, for scans or for the index. */
  readonly filters: readonly (KeyFilter & { readonly forScans: boolean })[];
  /**
   * For one integer key: its filter. Whether it becomes a bitmap, and the table one by rank instead of hash, is decided when the
   * keys are known (kernels/pipelines/join-table.ts).
   */
  readonly index: KeyFilter | undefined;
  /** Probes ask whether there is a match, and nothing of it. */
  readonly asksOnlyWhether: boolean;
}

/** `lasting`: build rows live as long as the query, so that all of them are in the table at once. */
export const planJoinTable = (
  query: QueryBuilder,
  plan: PhysicalHashJoin,
  needs: ReadonlySet<ColumnId>,
  lasting = true,
): JoinTable => {
  const kind = plan.joinKind;
  const marksMatches = kind === "buildOuter" || kind === "full" || kind === "buildSemi" || kind === "buildAnti";
  const keepsUnmatchable = marksMatches && kind !== "buildSemi";
  const read = new Set([...needs, ...expressionColumns(plan.residual), ...plan.keys.flatMap(keyColumn)]);
  const kept = plan.build.columns.filter(({ id }) => read.has(id));
  const computed = plan.keys.filter(({ build }) => build.kind !== "column").map(({ build }) => build);
  const leaders = query.leaders.ofJoin(plan);
  const layout = layoutRow(joinRow.matched + (marksMatches ? 1 : 0), [
    ...[...kept, ...computed].map(fieldShape),
    ...(leaders === undefined ? [] : [LEADER]),
  ]);
  const { stride, fields } = layout;
  const columns = new Map(kept.map(({ id }, i) => [id, fields[i]!]));
  if (leaders !== undefined) query.leaderFields.set(leaders, columns);
  const keyField = (key: Expression): Field =>
    key.kind === "column" ? columns.get(key.id)! : fields[kept.length + computed.indexOf(key)]!;
  const filters = query.runtimeFilters.ofJoin(plan).map((filter) => ({ ...filter, forScans: true }));
  const keyBytes = lasting ? indexBytes(plan) : undefined;
  let index: JoinTable["filters"][number] | undefined;
  if (keyBytes !== undefined) {
    index = filters.find(({ key }) => key === 0);
    if (index === undefined) {
      const state = query.state(runtimeFilter.bytes);
      index = { state, key: 0, type: plan.keys[0]!.build.type, keyBytes, forScans: false };
      filters.push(index);
    }
  }
  const state = query.state(joinState.bytes);
  return {
    plan,
    state,
    layout,
    lasting,
    rowCount: state + joinState.rowCount,
    threads: new ThreadStates(query, plan.operatorId, ROW_BUFFER_BYTES + KEY_BOUNDS_BYTES * plan.keys.length),
    stride,
    absentRow: query.state(stride),
    keyFields: plan.keys.map(({ build }) => keyField(build)),
    columns,
    leaders: leaders && { leaders, field: fields.at(-1)! },
    marksMatches,
    keepsUnmatchable,
    filters,
    index,
    asksOnlyWhether:
      kind === "probeSemi" || kind === "probeAnti" ? isTrue(plan.residual) : kind === "mark" && isNullAware(plan),
  };
};

/** Storage of the only key, if it is an integer and NULL is not looked up. */
const indexBytes = ({ keys: [key, another] }: PhysicalHashJoin): 4 | 8 | undefined => {
  if (key === undefined || another !== undefined) return undefined;
  if (key.nullSafe && (key.build.nullable || key.probe.nullable)) return undefined;
  const storage = storageOf(key.build.type);
  return storage === "int32" ? 4 : storage === "int64" ? 8 : undefined;
};

/** A mark join that is `key IN (build keys)`. */
export const isNullAware = ({ keys, residual }: PhysicalHashJoin): boolean =>
  keys.length === 1 && !keys[0]!.nullSafe && isTrue(residual);

export const isTrue = (condition: Expression): boolean => condition.kind === "constant" && condition.value === true;

const keyColumn = ({ build }: { readonly build: Expression }): ColumnId[] =>
  build.kind === "column" ? [build.id] : [];

/** Address of a part of the states block. */
export const stateAddress = (code: Code, offset: number): Local => {
  const { states } = code;
  return code.atEntry(`state ${offset}`, () => {
    code.fn.get(states);
    code.fn.i32(offset);
    code.fn.op("i32.add");
  });
};
