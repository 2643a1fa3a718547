import { QueryError } from "@headcut/plan";
import type { Statement } from "@headcut/planner";
import type { Parameters } from "./parameters.ts";

/** Throws QueryError "invalid-argument" for values that no parameter of the statements takes: most likely a slip. */
export const checkParameters = (statements: readonly Statement[], parameters: Parameters): void => {
  const names = new Set<number | string>();
  collect(statements, names);
  if (Array.isArray(parameters)) {
    const count = Math.max(0, ...[...names].filter((name) => typeof name === "number"));
    if (parameters.length <= count) return;
    throw new QueryError(
      "invalid-argument",
      `${parameters.length} parameter ${parameters.length === 1 ? "value" : "values"} for ${count} ${count === 1 ? "parameter" : "parameters"}`,
    );
  }
  const unknown = Object.keys(parameters).find((name) => !names.has(name.toLowerCase()));
  if (unknown !== undefined) throw new QueryError("invalid-argument", `there is no parameter $${unknown}`);
};

/** The numbers and names of all parameters below a syntax tree's node. */
const collect = (node: unknown, names: Set<number | string>): void => {
  if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return;
  if ("kind" in node && node.kind === "parameter" && "name" in node) names.add(node.name as number | string);
  for (const child of Object.values(node)) collect(child, names);
};
