import { QueryError, type SourceRange } from "@headcut/plan";
import type { Statement } from "./tree.ts";

/** Later stages walk the tree by recursion; this many levels leave the call stack half empty. */
export const MAX_DEPTH = 1000;

/**
 * Throws QueryError "syntax" for a tree deeper than `MAX_DEPTH`. The grammar bounds what is nested in the text; long runs of one
 * operator (`1 + 1 + …`, `… UNION ALL …`) nest in the tree alone.
 */
export const checkDepth = (statement: Statement): void => {
  let level: unknown[] = [statement];
  for (let depth = 0; level.length > 0; depth++) {
    const [first] = level as readonly { readonly range: SourceRange }[];
    if (depth > MAX_DEPTH) {
      throw new QueryError("syntax", `the statement is more than ${MAX_DEPTH} levels deep here`, {
        range: first!.range,
        hint: "a long run of operators nests too; many alternatives are better written with IN or VALUES",
      });
    }
    level = level.flatMap(children);
  }
};

const children = (node: unknown): readonly object[] =>
  Object.values(node as object)
    .flat()
    .filter((value): value is object => typeof value === "object" && value !== null && "kind" in value);
