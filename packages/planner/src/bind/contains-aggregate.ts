import { isAggregateName } from "../functions/aggregates.ts";

/** Whether an expression calls an aggregate, subqueries aside. */
export const containsAggregate = (node: unknown): boolean => {
  if (Array.isArray(node)) return node.some(containsAggregate);
  if (typeof node !== "object" || node === null || !("kind" in node)) return false;
  if (node.kind === "query") return false;
  if (node.kind === "call" && "name" in node) {
    const { name } = node.name as { readonly name: string };
    if (isAggregateName(name.toLowerCase())) return true;
  }
  return Object.values(node).some(containsAggregate);
};
