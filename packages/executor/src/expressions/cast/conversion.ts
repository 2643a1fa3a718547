import { type DataType, typeName } from "@headcut/plan";
import type { Local } from "../../wasm/function-builder.ts";
import { emitRaiseIf } from "../failure.ts";
import { type RaiseCode, raiseCode } from "../raise-code.ts";
import type { ExpressionScope } from "../scope.ts";

/** One cast being compiled. */
export interface Conversion {
  readonly scope: ExpressionScope;
  readonly from: DataType;
  readonly to: DataType;
  /** What does not convert is NULL instead of an error. */
  readonly isTry: boolean;
}

/**
 * Takes an i32 from the stack, whether the value does not convert; returns which values are NULL from here on.
 * Without TRY a failure raises.
 */
export const emitUnconvertible = (
  { scope, from, to, isTry }: Conversion,
  isNull: Local | undefined,
  code: RaiseCode = raiseCode.conversion,
): Local | undefined => {
  if (!isTry) {
    emitRaiseIf(scope, code, `a ${typeName(from)} value is out of range for ${typeName(to)}`, isNull);
    return isNull;
  }
  const { fn } = scope;
  const failed = fn.local("i32");
  if (isNull !== undefined) {
    fn.get(isNull);
    fn.op("i32.or");
  }
  fn.set(failed);
  return failed;
};
