import {
  columnRef,
  type PhysicalCteScan,
  type PhysicalPlan,
  type PhysicalScan,
  type PhysicalWith,
  physicalInputs,
} from "@headcut/plan";
import { mapInputs } from "./map-inputs.ts";
import { isRepeatable } from "./repeatable.ts";
import { outputBytes, rowBytes } from "./row-bytes.ts";

/** So much of what the body reads may be made again for a definition that is written out wherever it is used. */
const MAX_SHARE = 1 / 2;
/** Operators that a definition may add to the plan: definitions of definitions double with each level. */
const MAX_OPERATORS = 100;

/**
 * Writes definitions of WITH out where they are used. A definition that is kept holds its body at the coordinator, to which all tables
 * of the body would then be sent; without it the joins run where the shards are. Kept are those whose rows may differ from run to run, and those that
 * read about as much as their body.
 */
export const inlineDefinitions = (plan: PhysicalPlan): PhysicalPlan => {
  let last = highestOperator(plan);
  const nextOperator = (): number => ++last;

  const inline = (node: PhysicalPlan, known: ReadonlyMap<number, PhysicalPlan>): PhysicalPlan => {
    if (node.kind === "cteScan") {
      const definition = known.get(node.cteId);
      return definition === undefined ? node : writtenOut(node, definition, nextOperator);
    }
    if (node.kind === "with") {
      const definition = inline(node.definition, known);
      if (isWorthIt(node, definition)) return inline(node.body, new Map(known).set(node.cteId, definition));
      const body = inline(node.body, known);
      return definition === node.definition && body === node.body ? node : { ...node, definition, body };
    }
    return mapInputs(node, (input) => inline(input, known));
  };
  return inline(plan, new Map());
};

const isWorthIt = ({ cteId, body }: PhysicalWith, definition: PhysicalPlan): boolean => {
  const shipped = shippedBytes(body);
  // Tables in memory are the coordinator's: where there are no others, nothing is gained.
  if (shipped === 0 || !isRepeatable(definition)) return false;
  const again = usesOf(body, cteId) - 1;
  return madeBytes(definition) * again <= shipped * MAX_SHARE && operatorsOf(definition) * again <= MAX_OPERATORS;
};

/** A definition that is estimated larger is not sent to every node. */
const MAX_SHARED_BYTES = 128 * 1024 * 1024;

/** Whether a definition that is kept had better be read by all nodes, so that the body need not be at the coordinator. */
export const isWorthSharing = (
  { definition, body }: PhysicalWith,
  { nodeCount }: { readonly nodeCount: number },
): boolean => {
  const bytes = outputBytes(definition);
  // Otherwise what the body's scans find goes to the coordinator.
  const gathered = sumOver(body, (node) =>
    node.kind === "scan" && node.table.source.kind === "parquet" ? outputBytes(node) : 0,
  );
  return bytes <= MAX_SHARED_BYTES && bytes * (nodeCount - 1) <= gathered;
};

const usesOf = (plan: PhysicalPlan, cteId: number): number =>
  plan.kind === "cteScan"
    ? Number(plan.cteId === cteId)
    : physicalInputs(plan).reduce((sum, input) => sum + usesOf(input, cteId), 0);

const sumOver = (plan: PhysicalPlan, of: (node: PhysicalPlan) => number): number =>
  physicalInputs(plan).reduce((sum, input) => sum + sumOver(input, of), of(plan));

const operatorsOf = (plan: PhysicalPlan): number => sumOver(plan, () => 1);

/** Bytes that scans of files would send to the coordinator, were they all read there. */
const shippedBytes = (plan: PhysicalPlan): number =>
  sumOver(plan, (node) => (node.kind === "scan" && node.table.source.kind === "parquet" ? scannedBytes(node) : 0));

/** Bytes of all rows that the operators read and make. */
const madeBytes = (plan: PhysicalPlan): number =>
  sumOver(plan, (node) =>
    node.kind === "scan" ? scannedBytes(node) : node.estimatedRows * Math.max(1, rowBytes(node.columns)),
  );

/** Before filters. */
const scannedBytes = ({ table, read }: PhysicalScan): number => table.rowCount * rowBytes(read);

/** A copy of the definition, whose columns get the names that this use gives them. */
const writtenOut = (
  { columns, sources, estimatedRows }: PhysicalCteScan,
  definition: PhysicalPlan,
  nextOperator: () => number,
): PhysicalPlan => {
  const copy = (node: PhysicalPlan): PhysicalPlan => ({ ...mapInputs(node, copy), operatorId: nextOperator() });
  const projections = columns.map(({ id, name }, i) => {
    const source = definition.columns.find((column) => column.id === sources[i])!;
    return { id, name, expression: columnRef(source) };
  });
  return { kind: "project", operatorId: nextOperator(), columns, estimatedRows, input: copy(definition), projections };
};

const highestOperator = (plan: PhysicalPlan): number =>
  Math.max(plan.operatorId, ...physicalInputs(plan).map(highestOperator));
