import type { PhysicalPlan, PhysicalUnionAll } from "@headcut/plan";

/** The UNION ALLs whose rows go to the result as they are made: those behind a limit, which may not want the later inputs, and the others. */
export interface StreamedUnions {
  readonly limited: readonly PhysicalUnionAll[];
  readonly unlimited: readonly PhysicalUnionAll[];
}

export const streamedUnions = (plan: PhysicalPlan): StreamedUnions => {
  const limited: PhysicalUnionAll[] = [];
  const unlimited: PhysicalUnionAll[] = [];
  const visit = (node: PhysicalPlan, isLimited: boolean): void => {
    switch (node.kind) {
      case "unionAll":
        (isLimited ? limited : unlimited).push(node);
        for (const input of node.inputs) visit(input, isLimited);
        return;
      case "limit":
        visit(node.input, true);
        return;
      case "filter":
      case "project":
      case "repeat":
        visit(node.input, isLimited);
        return;
      case "with":
        visit(node.body, isLimited);
        return;
      case "hashJoin":
        visit(node.probe, isLimited);
        return;
      default:
        return;
    }
  };
  visit(plan, false);
  return { limited, unlimited };
};
