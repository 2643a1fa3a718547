import type { PhysicalRepeat } from "@headcut/plan";
import { compileExpression } from "../../expressions/compile-expression.ts";
import { only } from "../../expressions/value.ts";
import { expressionColumns } from "../expression-columns.ts";
import { endlessLoop } from "../loops.ts";
import type { Produce } from "../query-builder.ts";

/** Passes each row on as often as `count` says; none for NULL or a count below one. */
export const produceRepeat: Produce<PhysicalRepeat> = (query, plan, consumer) => {
  query.produce(query, plan.input, {
    needs: new Set([...consumer.needs, ...expressionColumns(plan.count)]),
    consume(pipeline, row) {
      const { code } = pipeline;
      const { fn } = code;
      pipeline.enter(plan.operatorId, "repeat");
      row.load(expressionColumns(plan.count));
      const count = compileExpression(plan.count, code.scope(plan.operatorId, row.column));
      if (count.storage !== "int64") throw new Error("internal error: the count of a repeat is a BIGINT");
      const left = fn.local("i64");
      if (count.isNull === undefined) {
        fn.get(only(count));
      } else {
        fn.i64(0);
        fn.get(only(count));
        fn.get(count.isNull);
        fn.op("select");
      }
      fn.set(left);
      endlessLoop(fn, (done) => {
        fn.get(left);
        fn.i64(0);
        fn.op("i64.le_s");
        fn.brIf(done);
        code.checkCancelled();
        pipeline.countRow(plan.operatorId);
        consumer.consume(pipeline, row);
        fn.get(left);
        fn.i64(1);
        fn.op("i64.sub");
        fn.set(left);
      });
    },
  });
};
