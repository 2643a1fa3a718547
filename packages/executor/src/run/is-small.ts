import type { PhysicalPlan } from "@headcut/plan";
import { physicalInputs } from "@headcut/plan";

/** Rows that one thread works through in a few milliseconds: less than it takes to wake workers up, let alone start them. */
const SMALL_ROWS = 50_000;

/** Pairs of rows that may hold up the calling thread, a fraction of a second, when an estimate turns out wrong. */
const WORST_ROWS = 10_000_000;

/** Whether a query reads and makes so little that the calling thread had better run it by itself. */
export const isSmall = (plan: PhysicalPlan): boolean =>
  effort(plan, true, new Map()).work <= SMALL_ROWS && effort(plan, false, new Map()).work <= WORST_ROWS;

/** Rows that come out, and rows read or paired on the way. */
interface Effort {
  readonly rows: number;
  readonly work: number;
}

/** At most, but for the output of joins by key: that is estimated, or every pair of rows. */
const effort = (plan: PhysicalPlan, estimated: boolean, ctes: Map<number, Effort>): Effort => {
  const inputs = physicalInputs(plan).map((input) => {
    const found = effort(input, estimated, ctes);
    if (plan.kind === "with" && input === plan.definition) ctes.set(plan.cteId, found);
    return found;
  });
  const work = inputs.reduce((sum, input) => sum + input.work, 0);
  switch (plan.kind) {
    case "scan":
      return { rows: plan.table.rowCount, work: plan.table.rowCount };
    case "values":
      return { rows: plan.rows.length, work: plan.rows.length };
    case "series":
      return { rows: plan.count, work: plan.count };
    case "cteScan": {
      const { rows } = ctes.get(plan.cteId) ?? { rows: plan.estimatedRows };
      return { rows, work: rows };
    }
    case "hashJoin": {
      const pairs = inputs.reduce((product, { rows }) => product * Math.max(rows, 1), 1);
      const rows = estimated && plan.keys.length > 0 ? Math.min(plan.estimatedRows, pairs) : pairs;
      return { rows, work: work + rows };
    }
    case "repeat":
      return { rows: plan.estimatedRows, work: work + plan.estimatedRows };
    case "with":
      return { rows: inputs.at(-1)!.rows, work };
    case "topN":
    case "limit":
      return { rows: Math.min(inputs[0]!.rows, plan.limit ?? Number.POSITIVE_INFINITY), work };
    case "filter":
    case "project":
    case "aggregate":
    case "sort":
    case "unionAll":
      return { rows: inputs.reduce((sum, { rows }) => sum + rows, 0), work };
  }
};
