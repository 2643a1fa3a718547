import { type Call, QueryError } from "@headcut/plan";
import type { ExpressionScope } from "../scope.ts";
import type { Value } from "../value.ts";
import { analyticCalls } from "./analytic-calls.ts";
import type { EmitCall } from "./call.ts";
import { datePartCalls } from "./date-part-calls.ts";
import { partitionCalls } from "./partition-call.ts";
import { roundingCalls } from "./rounding-calls.ts";
import { signCalls } from "./sign-calls.ts";
import { storageCalls } from "./storage-call.ts";
import { temporalCalls } from "./temporal-calls.ts";
import { textCalls } from "./text-calls.ts";

const calls: ReadonlyMap<string, EmitCall> = new Map(
  [
    analyticCalls,
    roundingCalls,
    signCalls,
    textCalls,
    datePartCalls,
    temporalCalls,
    partitionCalls,
    storageCalls,
  ].flatMap(Object.entries<EmitCall>),
);

/** A function of the catalogue, by its name there. */
export const compileCall = (call: Call, args: readonly Value[], scope: ExpressionScope): Value => {
  const emit = calls.get(call.name);
  if (emit === undefined) throw new QueryError("unsupported", `the function ${call.name} is not supported`);
  return emit({ scope, call, args });
};
