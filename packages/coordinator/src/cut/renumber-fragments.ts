import type { PhysicalPlan } from "@headcut/plan";
import type { Fragment, FragmentedPlan } from "./fragment.ts";
import { mapScans } from "./map-scans.ts";
import { remoteName } from "./open-fragment.ts";

/** Numbers fragments from the root, which is the last that was finished, in the order a reader meets them. */
export const renumbered = (finished: readonly Omit<Fragment, "fragmentId">[]): FragmentedPlan => {
  const numbers = new Map<number, number>();
  const order: number[] = [];
  const visit = (index: number): void => {
    numbers.set(index, order.length);
    order.push(index);
    for (const { from } of finished[index]!.inputs) visit(from);
  };
  visit(finished.length - 1);
  const fragments = order.map((index, fragmentId): Fragment => {
    const fragment = finished[index]!;
    const inputs = fragment.inputs.map(({ operatorId, from }) => ({ operatorId, from: numbers.get(from)! }));
    const names = new Map(inputs.map(({ operatorId, from }) => [operatorId, remoteName(from)]));
    const plan: PhysicalPlan = mapScans(fragment.plan, (scan) => {
      const name = names.get(scan.operatorId);
      return name === undefined ? scan : { ...scan, alias: name, table: { ...scan.table, name } };
    });
    return { ...fragment, fragmentId, plan, inputs };
  });
  return { fragments };
};
