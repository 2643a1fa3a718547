import { type Engine, openEngine } from "@headcut/executor";
import type { PhysicalPlan } from "@headcut/plan";
import type { Statement } from "@headcut/planner";
import { afterAll, expect, test } from "vitest";
import { parseText } from "./parse-text.ts";
import { runStatement } from "./run-statement.ts";
import type { StatementContext } from "./statement-context.ts";

const engine: Engine = openEngine({ threads: 1 });
afterAll(() => engine.close());

test("EXPLAIN asks where the plan runs that was run lately, not another one that is equal", async () => {
  const [run, explained]: [PhysicalPlan[], PhysicalPlan[]] = [[], []];
  const context: StatementContext = {
    queries: {
      execute: (plan, names, options) => {
        run.push(plan);
        return engine.execute(plan, names, options);
      },
      explain: async (plan) => {
        explained.push(plan);
        return "here";
      },
    },
    tables: engine.tables,
    catalog: { names: () => [] } as unknown as StatementContext["catalog"],
    parameters: [],
    options: { startedMs: performance.now() },
  };
  const [query] = parseText("SELECT sum(x) AS s FROM range(10) r(x)") as [Statement];
  const explain = (analyze: boolean): Statement => ({
    kind: "explain",
    analyze,
    format: "text",
    statement: query,
    range: query.range,
  });
  const finished = async (statement: Statement): Promise<void> => {
    for await (const _ of (await runStatement(statement, context)).encodedBatches());
  };
  await finished(explain(false));
  await finished(query);
  await finished(explain(false));
  await finished(explain(true));
  expect(explained[0]).not.toBe(run[0]);
  expect(explained[1]).toBe(run[0]);
  expect(run[1]).toBe(run[0]);
  const other = { ...context, parameters: { unused: { type: { kind: "int32" }, value: 1 } } } as const;
  await runStatement(explain(false), other);
  expect(explained[2]).not.toBe(run[0]);
});
