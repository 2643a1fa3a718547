import type { Local } from "../wasm/function-builder.ts";
import { emitRaiseIf } from "./failure.ts";
import { emitInt128Kernel } from "./int128.ts";
import type { KernelName } from "./kernel-signatures.ts";
import { raiseCode } from "./raise-code.ts";
import type { ExpressionScope } from "./scope.ts";
import { anyNull, type Value } from "./value.ts";

/** An interval from a kernel that may find it out of range. */
export const intervalFromKernel = (
  scope: ExpressionScope,
  kernel: KernelName,
  args: readonly Value[],
  sentence: string,
  isNull: Local | undefined = anyNull(scope.fn, args),
): Value => {
  const { fn, module } = scope;
  const result = emitInt128Kernel(fn, module, kernel, args, isNull);
  fn.call(module.kernel("kernelFailure"));
  emitRaiseIf(scope, raiseCode.overflow, sentence, isNull);
  return result;
};

export const negateInterval = (scope: ExpressionScope, arg: Value): Value =>
  intervalFromKernel(scope, "intervalNegate", [arg], "overflow in the negation of an INTERVAL value");

export const addIntervals = (scope: ExpressionScope, op: "add" | "sub", a: Value, b: Value): Value =>
  intervalFromKernel(
    scope,
    "intervalAdd",
    [a, op === "add" ? b : negateInterval(scope, b)],
    `overflow in the ${op === "add" ? "addition" : "subtraction"} of INTERVAL values`,
  );
