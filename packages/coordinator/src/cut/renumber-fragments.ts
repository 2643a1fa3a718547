import type { PhysicalPlan } from "@headcut/plan";
import type { Fragment, FragmentedPlan } from "./fragment.ts";
import { mapScans } from "./map-scans.ts";
import { type FinishedFragment, remoteKeysName, remoteName } from "./open-fragment.ts";

/**
 * Numbers fragments from the root, which is the last that was finished, in the order a reader meets them; one whose keys are told to others comes
 * after all of them.
 */
export const renumbered = (finished: readonly FinishedFragment[]): FragmentedPlan => {
  // Depth first, backwards: a fragment is listed when all that it waits for are.
  const listed = new Set<number>();
  const visit = (index: number): void => {
    if (listed.has(index)) return;
    const { inputs, keyInputs = [] } = finished[index]!;
    for (const { from } of [...inputs, ...keyInputs].reverse()) visit(from);
    listed.add(index);
  };
  visit(finished.length - 1);
  const order = [...listed].reverse();
  const numbers = new Map(order.map((index, fragmentId) => [index, fragmentId]));
  const numbered = <T extends { readonly from: number }>(input: T): T => ({ ...input, from: numbers.get(input.from)! });
  const fragments = order.map((index, fragmentId): Fragment => {
    const fragment = finished[index]!;
    const inputs = fragment.inputs.map(numbered);
    const keyInputs = fragment.keyInputs?.map(numbered);
    const names = new Map([
      ...inputs.map(({ operatorId, from }) => [operatorId, remoteName(from)] as const),
      ...(keyInputs ?? []).map(({ operatorId, from }) => [operatorId, remoteKeysName(from)] as const),
    ]);
    const plan: PhysicalPlan = mapScans(fragment.plan, (scan) => {
      const name = names.get(scan.operatorId);
      return name === undefined ? scan : { ...scan, alias: name, table: { ...scan.table, name } };
    });
    return { ...fragment, fragmentId, plan, inputs, ...(keyInputs !== undefined && { keyInputs }) };
  });
  return { fragments };
};
