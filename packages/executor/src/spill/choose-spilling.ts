import { type Column, type PhysicalPlan, physicalInputs } from "@headcut/plan";
import { storageLayout, storageOf } from "../layout/storage.ts";
import { type HeldMemory, purposeOf } from "../memory/held-memory.ts";
import { streamedUnions } from "../pipelines/streamed-unions.ts";
import { keepsAllValues } from "./sorted-aggregate-plan.ts";

/** How a query is run: on how many threads, and which operators, by operatorId, put their rows on disk. */
export interface Attempt {
  readonly spilling: ReadonlySet<number>;
  /** The aggregations of these that sort the values of their groups, because one group alone has too many. */
  readonly sorting: ReadonlySet<number>;
  readonly threads: number;
  /** Large pages of tables' columns are put on disk when they are decompressed. */
  readonly pagesOnDisk: boolean;
  /** Attempts before this one. */
  readonly restarts: number;
}

export interface SpillPolicy {
  /**
   * Rows of the result come before what may want more on disk, an operator or a group with many values: the reader gets them late, so that the
   * query can still start again.
   */
  readonly holdsRows: (attempt: Attempt) => boolean;
  /** The same while memory is scarce, which is when starting again may help. */
  readonly mayStartAgain: boolean;
  /** On disk from the start are the operators for which it would be too late when they fail. */
  readonly first: (threads: number) => Attempt;
  /** When memory was not enough, with the rows that have left each operator; undefined: nothing more can be done. */
  readonly next: (last: Attempt, failure: Failure, operatorRows: readonly number[]) => Attempt | undefined;
}

/** Which operator has found no memory, and who had it. */
export interface Failure {
  readonly operatorId: number | undefined;
  readonly held?: readonly HeldMemory[];
}

/** Where one scan has more of the query's memory than this, it is that scan's pages that go to disk next. */
const SCAN_SHARE = 1 / 2;

/** Of the query's memory: operators behind the first rows of the result that are expected to take more are on disk from the start. */
const LATE_SHARE = 1 / 8;
/**
 * The first times, the operator that failed goes to disk alone: expectations are often too high, and a join on disk takes its probe side there too, and
 * tells scans nothing. From then on, those that are expected to take more than this share of the query's memory go as well.
 */
const LARGE_SHARE = 1 / 2;
const TIMES_ALONE = 2;
/** With each further attempt, an operator need only be expected to take so much less. */
const SHARE_STEP = 4;

export const spillPolicy = (plan: PhysicalPlan, limitBytes: number): SpillPolicy => {
  const candidates: PhysicalPlan[] = [];
  const scans = new Set<number>();
  const visit = (node: PhysicalPlan): void => {
    if (canSpill(node)) candidates.push(node);
    if (node.kind === "scan") scans.add(purposeOf(node.operatorId));
    physicalInputs(node).forEach(visit);
  };
  visit(plan);
  const largerThan =
    (share: number, operatorRows: readonly number[]) =>
    (node: PhysicalPlan): boolean =>
      expectedBytes(node, operatorRows) > share * limitBytes;
  const lateIds = lateSinks(plan);
  const late = candidates.filter(({ operatorId }) => lateIds.has(operatorId));
  return {
    holdsRows: ({ spilling, sorting }) =>
      late.length > 0 ||
      candidates.some((node) => spilling.has(node.operatorId) && !sorting.has(node.operatorId) && keepsValues(node)),
    mayStartAgain: candidates.length > 0 || scans.size > 0,
    first: (threads) => {
      const large = late.filter(largerThan(LATE_SHARE, []));
      const first = withSpilling({ spilling: new Set(), sorting: new Set() }, large);
      return { ...first, threads, pagesOnDisk: false, restarts: 0 };
    },
    next: (last, { operatorId: failed, held = [] }, operatorRows) => {
      const { spilling, threads, pagesOnDisk } = last;
      const restarts = last.restarts + 1;
      const [most] = held;
      const keeping = candidates.find(({ operatorId }) => operatorId === failed && spilling.has(operatorId));
      if (keeping !== undefined && keepsValues(keeping) && !last.sorting.has(keeping.operatorId)) {
        return { ...last, sorting: new Set([...last.sorting, keeping.operatorId]), restarts };
      }
      if (!pagesOnDisk && most !== undefined && scans.has(most.purpose) && most.bytes > SCAN_SHARE * limitBytes) {
        return { ...last, pagesOnDisk: true, restarts };
      }
      const share =
        restarts <= TIMES_ALONE ? Number.POSITIVE_INFINITY : LARGE_SHARE / SHARE_STEP ** (restarts - 1 - TIMES_ALONE);
      const rest = candidates.filter(({ operatorId }) => !spilling.has(operatorId));
      const guilty = rest.find(({ operatorId }) => operatorId === failed) ?? largestOf(rest, operatorRows);
      if (guilty === undefined) {
        if (!pagesOnDisk && scans.size > 0) return { ...last, pagesOnDisk: true, restarts };
        // Each thread has pages of the tables' columns, blocks of the partitions, a buffer for the result.
        return threads === 1 ? undefined : { ...last, threads: Math.ceil(threads / 2), restarts };
      }
      const large = rest.filter(largerThan(share, operatorRows));
      return { ...withSpilling(last, [guilty, ...large]), threads, pagesOnDisk, restarts };
    },
  };
};

type Disk = Pick<Attempt, "spilling" | "sorting">;

/** These on disk as well. An aggregation without groups has one group, and no partitions of it. */
const withSpilling = ({ spilling, sorting }: Disk, nodes: readonly PhysicalPlan[]): Disk => ({
  spilling: new Set([...spilling, ...nodes.map(idOf)]),
  sorting: new Set([
    ...sorting,
    ...nodes.filter((node) => node.kind === "aggregate" && node.groups.length === 0).map(idOf),
  ]),
});

const keepsValues = (node: PhysicalPlan): boolean =>
  node.kind === "aggregate" && node.aggregates.some(({ call }) => keepsAllValues(call));

/** The operator that holds most memory, or if none does, that is expected to. */
const largestOf = (nodes: readonly PhysicalPlan[], operatorRows: readonly number[]): PhysicalPlan | undefined => {
  const byBytes = (bytes: (node: PhysicalPlan) => number): PhysicalPlan | undefined =>
    nodes.reduce<PhysicalPlan | undefined>(
      (most, node) => (bytes(node) > (most === undefined ? 0 : bytes(most)) ? node : most),
      undefined,
    );
  return (
    byBytes((node) => heldBytes(node, operatorRows)) ?? byBytes((node) => expectedBytes(node, operatorRows)) ?? nodes[0]
  );
};

const idOf = ({ operatorId }: PhysicalPlan): number => operatorId;

const canSpill = (node: PhysicalPlan): boolean => {
  switch (node.kind) {
    case "sort":
    case "topN":
      return node.inRuns !== true;
    case "hashJoin":
    case "with":
      return true;
    case "aggregate":
      return node.groups.length > 0 || keepsValues(node);
    default:
      return false;
  }
};

/** Of the rows that the operator keeps: as many as expected, or as have been seen. */
const expectedBytes = (node: PhysicalPlan, operatorRows: readonly number[]): number =>
  bytesOf(node, (input) => Math.max(input.estimatedRows, operatorRows[input.operatorId] ?? 0));

/** Of the rows that the operator has been given; groups of an aggregation are not known, and as many as expected at most. */
const heldBytes = (node: PhysicalPlan, operatorRows: readonly number[]): number =>
  bytesOf(node, (input) =>
    input === node && node.kind === "aggregate"
      ? Math.min(node.estimatedRows, operatorRows[node.input.operatorId] ?? 0)
      : (operatorRows[input.operatorId] ?? 0),
  );

/** `rowsOf`: how many rows an input has, or of an aggregation, how many groups there are. */
const bytesOf = (node: PhysicalPlan, rowsOf: (input: PhysicalPlan) => number): number => {
  switch (node.kind) {
    case "hashJoin":
      return rowsOf(node.build) * rowBytes(node.build.columns);
    case "topN":
      return (
        2 * Math.min(rowsOf(node.input), node.limit + node.offset) * (rowBytes(node.input.columns) + SORT_ENTRY_BYTES)
      );
    case "sort":
      return rowsOf(node.input) * (rowBytes(node.input.columns) + SORT_ENTRY_BYTES);
    case "with":
      return rowsOf(node.definition) * rowBytes(node.definition.columns);
    case "aggregate":
      return keepsValues(node)
        ? rowsOf(node.input) * (HEADER_BYTES + SORT_ENTRY_BYTES) + rowsOf(node) * rowBytes(node.columns)
        : rowsOf(node) * rowBytes(node.columns);
    default:
      return rowsOf(node) * rowBytes(node.columns);
  }
};

const HEADER_BYTES = 16;
const STRING_BYTES = 24;
const SORT_ENTRY_BYTES = 36;

const rowBytes = (columns: readonly Column[]): number =>
  columns.reduce((sum, { type }) => {
    const storage = storageOf(type);
    return sum + storageLayout[storage].bytes + (storage === "string" ? STRING_BYTES : 0);
  }, HEADER_BYTES);

/** Operators whose rows are kept after rows of the result have been handed out: those of inputs of a union that a limit may not want. */
const lateSinks = (plan: PhysicalPlan): Set<number> => {
  const late = new Set<number>();
  const addAll = (node: PhysicalPlan): void => {
    late.add(node.operatorId);
    physicalInputs(node).forEach(addAll);
  };
  for (const { inputs } of streamedUnions(plan).limited) inputs.slice(1).forEach(addAll);
  return late;
};
