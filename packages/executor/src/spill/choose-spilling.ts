import { type Column, type PhysicalPlan, physicalInputs } from "@headcut/plan";
import { storageLayout, storageOf } from "../layout/storage.ts";

/** Which operators put their rows on disk, by operatorId. */
export interface SpillPolicy {
  /** When the query starts: those that could not be added later. */
  readonly first: ReadonlySet<number>;
  /** When `failed` has found no memory, with the rows that have left each operator; undefined: nothing more can be done. */
  readonly next: (
    spilling: ReadonlySet<number>,
    failed: number,
    operatorRows: readonly number[],
  ) => ReadonlySet<number> | undefined;
}

/** An operator that is expected to take more than this share of the query's memory goes to disk with the one that failed. */
const LARGE_SHARE = 1 / 8;

export const spillPolicy = (plan: PhysicalPlan, limitBytes: number): SpillPolicy => {
  const candidates: PhysicalPlan[] = [];
  const visit = (node: PhysicalPlan): void => {
    if (canSpill(node)) candidates.push(node);
    physicalInputs(node).forEach(visit);
  };
  visit(plan);
  const early = lateSinks(plan);
  return {
    first: new Set(
      candidates
        .filter((node) => early.has(node.operatorId) && expectedBytes(node, []) > LARGE_SHARE * limitBytes)
        .map(idOf),
    ),
    next: (spilling, failed, operatorRows) => {
      const rest = candidates.filter(({ operatorId }) => !spilling.has(operatorId));
      const large = rest.filter((node) => expectedBytes(node, operatorRows) > LARGE_SHARE * limitBytes);
      const chosen = new Set([...spilling, ...large.map(idOf)]);
      if (rest.some(({ operatorId }) => operatorId === failed)) chosen.add(failed);
      if (chosen.size > spilling.size) return chosen;
      const [largest] = rest.sort((a, b) => expectedBytes(b, operatorRows) - expectedBytes(a, operatorRows));
      return largest === undefined ? undefined : chosen.add(largest.operatorId);
    },
  };
};

const idOf = ({ operatorId }: PhysicalPlan): number => operatorId;

const canSpill = (node: PhysicalPlan): boolean => {
  switch (node.kind) {
    case "sort":
      return true;
    default:
      return false;
  }
};

/** Of the rows that the operator keeps: as many as expected, or as have been seen. */
const expectedBytes = (node: PhysicalPlan, operatorRows: readonly number[]): number => {
  const rowsOf = (input: PhysicalPlan): number => Math.max(input.estimatedRows, operatorRows[input.operatorId] ?? 0);
  switch (node.kind) {
    case "hashJoin":
      return rowsOf(node.build) * rowBytes(node.build.columns);
    case "sort":
      return rowsOf(node.input) * (rowBytes(node.input.columns) + SORT_ENTRY_BYTES);
    case "with":
      return rowsOf(node.definition) * rowBytes(node.definition.columns);
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

/** Operators whose rows are kept after rows of the result have been handed out: those of all inputs of a union but its first. */
const lateSinks = (plan: PhysicalPlan): Set<number> => {
  const late = new Set<number>();
  const addAll = (node: PhysicalPlan): void => {
    late.add(node.operatorId);
    physicalInputs(node).forEach(addAll);
  };
  const visit = (node: PhysicalPlan): void => {
    switch (node.kind) {
      case "unionAll":
        node.inputs.slice(1).forEach(addAll);
        visit(node.inputs[0]!);
        return;
      case "filter":
      case "project":
      case "limit":
      case "repeat":
        visit(node.input);
        return;
      case "with":
        visit(node.body);
        return;
      case "hashJoin":
        visit(node.probe);
        return;
      default:
        return;
    }
  };
  visit(plan);
  return late;
};
