import { assert, type PhysicalPlan, physicalInputs } from "@headcut/plan";
import { outputBytes } from "../cut/row-bytes.ts";

/** What any query takes: buffers of its scans, of its result, of its exchanges. */
const BASE_BYTES = 8 * 1024 * 1024;
/** Hash tables and sort runs against the rows as they travel. */
const STATE_FACTOR = 2;

/** What a plan may need at its worst, by the planner's guesses: what its operators keep, and a base. */
export const estimateMemory = (plan: PhysicalPlan): number => {
  const bytes = BASE_BYTES + STATE_FACTOR * keptBytes(plan);
  // A query that needs NaN bytes would wait for ever: no number is enough for it.
  assert(bytes >= BASE_BYTES, "the plan's estimates are no numbers");
  return bytes;
};

const keptBytes = (plan: PhysicalPlan): number => {
  const below = physicalInputs(plan).reduce((sum, input) => sum + keptBytes(input), 0);
  switch (plan.kind) {
    case "hashJoin":
      return below + outputBytes(plan.build);
    case "aggregate":
      return below + outputBytes(plan);
    case "topN":
      return plan.inRuns === true ? below : below + outputBytes(plan);
    case "sort":
      return plan.inRuns === true ? below : below + outputBytes(plan.input);
    case "with":
      return below + outputBytes(plan.definition);
    case "scan":
    case "values":
    case "series":
    case "cteScan":
    case "filter":
    case "project":
    case "limit":
    case "unionAll":
    case "repeat":
      return below;
  }
};
