import { int64, type PhysicalLimit } from "@headcut/plan";
import type { Consumer, Produce, QueryBuilder } from "../query-builder.ts";

/**
 * Numbers the rows of all threads by one shared counter, and stops the pipeline at the first beyond the limit. Over a sorted
 * input, which one thread reads in order, these are the first rows.
 */
export const produceLimit: Produce<PhysicalLimit> = (query, plan, consumer) =>
  query.produce(query, plan.input, limitRows(query, plan, consumer));

/** What takes the rows of which some are to go on. */
export const limitRows = (
  query: QueryBuilder,
  plan: Pick<PhysicalLimit, "operatorId" | "limit" | "offset">,
  consumer: Consumer,
): Consumer => {
  const counter = query.state(8);
  return {
    needs: consumer.needs,
    consume(pipeline, row) {
      const { code } = pipeline;
      const { fn, module } = code;
      pipeline.enter(plan.operatorId, "limit");
      const number = fn.local("i64");
      const constants = module.constantsAddress(fn, code.context);
      const pushConstant = (value: number): void => {
        const slot = module.constant(int64, BigInt(value));
        fn.get(constants);
        fn.mem("i64.load", slot);
      };
      fn.get(code.states);
      fn.i64(1);
      fn.mem("i64.atomic.rmw.add", counter);
      fn.set(number);
      if (plan.limit !== undefined) {
        fn.get(number);
        pushConstant(plan.limit + plan.offset);
        fn.op("i64.ge_u");
        fn.if(() => pipeline.stop());
      }
      const pass = (): void => {
        pipeline.countRow(plan.operatorId);
        consumer.consume(pipeline, row);
        if (plan.limit === undefined) return;
        // After the last row, instead of looking for one more.
        fn.get(number);
        pushConstant(plan.limit + plan.offset - 1);
        fn.op("i64.ge_u");
        fn.if(() => pipeline.stop());
      };
      if (plan.offset === 0) {
        pass();
        return;
      }
      fn.get(number);
      pushConstant(plan.offset);
      fn.op("i64.ge_u");
      fn.if(pass);
    },
  };
};
