import { type Call, QueryError } from "@headcut/plan";
import type { ExpressionScope } from "../scope.ts";
import type { Value } from "../value.ts";
import type { EmitCall } from "./call.ts";
import { datePartCalls } from "./date-part-calls.ts";
import { textCalls } from "./text-calls.ts";

const calls: ReadonlyMap<string, EmitCall> = new Map([...Object.entries(textCalls), ...Object.entries(datePartCalls)]);

/** A function of the catalogue, by its name there. */
export const compileCall = (call: Call, args: readonly Value[], scope: ExpressionScope): Value => {
  const emit = calls.get(call.name);
  if (emit === undefined) throw new QueryError("unsupported", `the function ${call.name} is not supported`);
  return emit({ scope, call, args });
};
