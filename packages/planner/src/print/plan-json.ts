import { type Column, type LogicalPlan, type PhysicalPlan, physicalInputs, typeName } from "@headcut/plan";
import { columnsOf, inputs } from "../traverse/plan.ts";
import { type Numbering, numbering } from "./numbering.ts";
import { printColumn } from "./print-expression.ts";
import { describeLogical } from "./print-logical.ts";
import { describePhysical } from "./print-physical.ts";

/** A plan as plain JSON, for tools: EXPLAIN (FORMAT JSON) and the like. */
export interface PlanJson {
  readonly operator: string;
  readonly detail: string;
  readonly lines: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  /** Physical plans only. */
  readonly operatorId?: number;
  readonly estimatedRows?: number;
  readonly inputs: readonly PlanJson[];
}

const columnsJson = (columns: readonly Column[], numbers: Numbering): PlanJson["columns"] =>
  columns.map((column) => ({
    name: printColumn(column, numbers),
    type: typeName(column.type),
    nullable: column.nullable,
  }));

export const logicalPlanJson = (plan: LogicalPlan, numbers: Numbering = numbering()): PlanJson => {
  const { operator, detail, lines } = describeLogical(plan, numbers);
  const columns = columnsJson(columnsOf(plan), numbers);
  return { operator, detail, lines, columns, inputs: inputs(plan).map((input) => logicalPlanJson(input, numbers)) };
};

export const physicalPlanJson = (plan: PhysicalPlan, numbers: Numbering = numbering()): PlanJson => {
  const { operator, detail, lines } = describePhysical(plan, numbers);
  return {
    operator,
    detail,
    lines,
    columns: columnsJson(plan.columns, numbers),
    operatorId: plan.operatorId,
    estimatedRows: Math.round(plan.estimatedRows),
    inputs: physicalInputs(plan).map((input) => physicalPlanJson(input, numbers)),
  };
};
