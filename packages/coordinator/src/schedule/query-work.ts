import { assert } from "@headcut/plan";
import type { Fragment, FragmentedPlan } from "../cut/fragment.ts";
import type { Split } from "../placement/split.ts";
import type { FragmentWork, ScanSplit, Work } from "./query-spec.ts";

/** What is to be scheduled of a cut plan, given the splits of each scan (by operator id) and what a task may need. */
export const queryWork = (
  { fragments }: FragmentedPlan,
  splits: ReadonlyMap<number, readonly Split[]>,
  memoryBytes: number,
): readonly FragmentWork[] =>
  fragments.map((fragment) => ({
    // Once, though it may read a fragment several times.
    inputs: [...new Set([...fragment.inputs, ...(fragment.keyInputs ?? [])].map(({ from }) => from))],
    repeatable: fragment.repeatable,
    ...(fragment.enough !== undefined && { enough: fragment.enough }),
    memoryBytes,
    work: workOf(fragment, splits),
  }));

const workOf = ({ runs }: Fragment, splits: ReadonlyMap<number, readonly Split[]>): Work => {
  switch (runs.kind) {
    case "coordinator":
      return { kind: "coordinator" };
    case "partitions":
      return { kind: "partitions", count: runs.count };
    case "splits": {
      const items = runs.scans.flatMap((operatorId) => {
        const own = splits.get(operatorId);
        assert(own !== undefined, `the splits of scan ${operatorId} are not known`);
        // A copy of its own for each scan: tasks tell splits apart by the object.
        return own.map((split): ScanSplit => ({ operatorId, split: { ...split } }));
      });
      return { kind: "splits", items };
    }
  }
};
