import {
  type Column,
  type ColumnId,
  type DataType,
  type Expression,
  type LogicalPlan,
  sameType,
  typeName,
} from "@headcut/plan";
import { children } from "../traverse/expression.ts";
import { columnsOf, idsOf, inputs, visitExpressions } from "../traverse/plan.ts";

type Types = ReadonlyMap<ColumnId, DataType>;

/**
 * Checks a plan that a rule made: the same output columns as before, every column an expression refers to produced
 * below it with that type, no column coming from both sides of a join. Returns what is wrong, or undefined.
 */
export const findFault = (plan: LogicalPlan, outputBefore: readonly Column[]): string | undefined => {
  const output = columnsOf(plan);
  if (output.length !== outputBefore.length) {
    return `it puts out ${output.length} columns instead of ${outputBefore.length}`;
  }
  for (let i = 0; i < output.length; i++) {
    const before = outputBefore[i]!;
    const after = output[i]!;
    if (before.id !== after.id) return `output column ${i} is #${after.id} instead of ${before.name}#${before.id}`;
    if (!sameType(before.type, after.type)) {
      return `output column ${before.name} is ${typeName(after.type)} instead of ${typeName(before.type)}`;
    }
  }
  return faultOf(plan, new Map(), new Map());
};

const faultOf = (plan: LogicalPlan, outer: Types, ctes: Map<number, ReadonlySet<ColumnId>>): string | undefined => {
  if (plan.kind === "with") {
    const inDefinition = faultOf(plan.definition, outer, ctes);
    if (inDefinition !== undefined) return inDefinition;
    ctes.set(plan.cteId, idsOf(plan.definition));
    return faultOf(plan.body, outer, ctes);
  }
  const available = new Map(outer);
  const offered = plan.kind === "scan" ? [plan.columns] : inputs(plan).map(columnsOf);
  for (const columns of offered) for (const column of columns) available.set(column.id, column.type);
  if (plan.kind === "join") {
    const ofLeft = idsOf(plan.left);
    const both = columnsOf(plan.right).find((column) => ofLeft.has(column.id));
    if (both !== undefined) return `both sides of a join put out ${both.name}#${both.id}`;
  }
  if (plan.kind === "setOperation") {
    const counts = [plan.columns.length, ...offered.map((columns) => columns.length)];
    if (counts.some((count) => count !== counts[0]))
      return `a set operation's inputs have ${counts.join(", ")} columns`;
  }
  if (plan.kind === "cteScan") {
    const sources = ctes.get(plan.cteId);
    if (sources === undefined) return `a scan of CTE ${plan.name} lies outside of it`;
    const missing = plan.columns.find((column) => !sources.has(column.source));
    if (missing !== undefined) return `CTE ${plan.name} has no column #${missing.source}`;
  }
  let fault: string | undefined;
  visitExpressions(plan, (expression) => {
    fault ??= expressionFault(expression, available, plan.kind);
  });
  if (fault !== undefined) return fault;
  for (const input of inputs(plan)) {
    const seesLeft = plan.kind === "join" && plan.dependent && input === plan.right;
    fault = faultOf(input, seesLeft ? withTypes(outer, columnsOf(plan.left)) : outer, ctes);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const withTypes = (types: Types, columns: readonly Column[]): Types => {
  const all = new Map(types);
  for (const column of columns) all.set(column.id, column.type);
  return all;
};

const expressionFault = (expression: Expression, available: Types, where: string): string | undefined => {
  if (expression.kind === "column") {
    const type = available.get(expression.id);
    if (type === undefined) return `${where} refers to ${expression.name}#${expression.id}, which is not there`;
    if (!sameType(type, expression.type)) {
      return `${where} takes ${expression.name}#${expression.id} for ${typeName(expression.type)}, it is ${typeName(type)}`;
    }
    return undefined;
  }
  for (const child of children(expression)) {
    const fault = expressionFault(child, available, where);
    if (fault !== undefined) return fault;
  }
  return undefined;
};
