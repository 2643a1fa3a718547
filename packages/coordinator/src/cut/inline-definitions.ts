import { columnRef, type PhysicalCteScan, type PhysicalPlan, type PhysicalWith, physicalInputs } from "@headcut/plan";
import { mapInputs } from "./map-inputs.ts";
import { isRepeatable } from "./repeatable.ts";
import { rowBytes } from "./row-bytes.ts";

/** So much of what the body reads may be read again for a definition that is written out wherever it is used. */
const MAX_SHARE = 1 / 2;

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
  if (!isRepeatable(definition)) return false;
  const again = scannedBytes(definition) * (usesOf(body, cteId) - 1);
  return again <= scannedBytes(body) * MAX_SHARE;
};

const usesOf = (plan: PhysicalPlan, cteId: number): number =>
  plan.kind === "cteScan"
    ? Number(plan.cteId === cteId)
    : physicalInputs(plan).reduce((sum, input) => sum + usesOf(input, cteId), 0);

/** Bytes of all rows, before filters, that scans of files read. */
const scannedBytes = (plan: PhysicalPlan): number =>
  plan.kind === "scan"
    ? plan.table.source.kind === "parquet"
      ? plan.table.rowCount * rowBytes(plan.read)
      : 0
    : physicalInputs(plan).reduce((sum, input) => sum + scannedBytes(input), 0);

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
