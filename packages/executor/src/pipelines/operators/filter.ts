import { conjuncts, type PhysicalFilter } from "@headcut/plan";
import { compilePredicate } from "../../expressions/compile-expression.ts";
import { expressionColumns } from "../expression-columns.ts";
import type { Produce } from "../query-builder.ts";

/** Passes on the rows for which the predicate is TRUE; the columns of a conjunct are loaded when those before it have passed. */
export const produceFilter: Produce<PhysicalFilter> = (query, plan, consumer) => {
  const predicates = conjuncts(plan.predicate);
  query.produce(query, plan.input, {
    needs: new Set([...consumer.needs, ...expressionColumns(plan.predicate)]),
    consume(pipeline, row) {
      const { code } = pipeline;
      pipeline.enter(plan.operatorId, "filter");
      const from = (position: number): void => {
        const predicate = predicates[position];
        if (predicate === undefined) {
          pipeline.countRow(plan.operatorId);
          consumer.consume(pipeline, row);
          return;
        }
        row.load(expressionColumns(predicate));
        compilePredicate(predicate, code.scope(plan.operatorId, row.column));
        code.fn.if(() => from(position + 1));
      };
      from(0);
    },
  });
};
