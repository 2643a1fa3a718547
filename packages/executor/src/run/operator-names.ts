import type { PhysicalPlan } from "@headcut/plan";
import { physicalInputs } from "@headcut/plan";

/** What each operator is called in errors and metrics, by operatorId: `aggregate`, `scan of lineitem`. */
export const operatorNames = (plan: PhysicalPlan): string[] => {
  const names: string[] = [];
  const visit = (node: PhysicalPlan): void => {
    names[node.operatorId] = nameOf(node);
    for (const input of physicalInputs(node)) visit(input);
  };
  visit(plan);
  return names;
};

const nameOf = (node: PhysicalPlan): string => {
  switch (node.kind) {
    case "scan":
      return `scan of ${node.table.name}`;
    case "hashJoin":
      return "hash join";
    case "topN":
      return "top-N";
    case "unionAll":
      return "UNION ALL";
    case "with":
    case "cteScan":
      return `WITH ${node.name}`;
    default:
      return node.kind;
  }
};
