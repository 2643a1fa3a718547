import type { ColumnId, PhysicalProject, Projection } from "@headcut/plan";
import { compileExpression } from "../../expressions/compile-expression.ts";
import type { Code } from "../code.ts";
import { expressionColumns } from "../expression-columns.ts";
import type { Produce } from "../query-builder.ts";
import { type ColumnSource, Row } from "../row.ts";

/** Computes columns when the operator above first loads them; columns that pass through cost nothing. */
export const produceProject: Produce<PhysicalProject> = (query, plan, consumer) => {
  const used = plan.projections.filter(({ id }) => consumer.needs.has(id));
  query.produce(query, plan.input, {
    needs: expressionColumns(...used.map(({ expression }) => expression)),
    consume(pipeline, row) {
      pipeline.enter(plan.operatorId, "project");
      pipeline.countAllRows(plan.operatorId);
      consumer.consume(pipeline, projectedRow(pipeline.code, plan.operatorId, used, row));
    },
  });
};

/** The row of the projections over the input row. */
export const projectedRow = (code: Code, operatorId: number, projections: readonly Projection[], input: Row): Row =>
  new Row(
    new Map(
      projections.map(({ id, expression }): [ColumnId, ColumnSource] => {
        if (expression.kind === "column") return [id, input.source(expression.id)];
        const load = () => {
          input.load(expressionColumns(expression));
          return compileExpression(expression, code.scope(operatorId, input.column));
        };
        return [id, { load, stable: false }];
      }),
    ),
  );
