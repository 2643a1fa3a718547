import type { Local } from "../wasm/function-builder.ts";
import { type RaiseCode, raiseCode } from "./raise-code.ts";
import type { ExpressionScope } from "./scope.ts";

/**
 * Takes an i32 from the stack: not 0 raises the error with this sentence, unless `isNull`, for then the value that
 * failed is none. The sentence may name types but not values: it belongs to the module's shape.
 */
export const emitRaiseIf = (
  { fn, module }: ExpressionScope,
  code: RaiseCode,
  sentence: string,
  isNull: Local | undefined,
): void => {
  if (isNull !== undefined) {
    const failed = fn.local("i32");
    fn.set(failed);
    fn.i32(0);
    fn.get(failed);
    fn.get(isNull);
    fn.op("select");
  }
  fn.if(() => {
    fn.i32(code);
    fn.i32(module.message(sentence));
    fn.call(module.raise);
    fn.op("unreachable");
  });
};

/** Raises out of memory when a kernel that allocates returned the reference or address 0. */
export const emitOutOfMemoryIfZero = ({ fn, module, operatorId }: ExpressionScope, reference: Local): void => {
  fn.get(reference);
  fn.op(reference.type === "i64" ? "i64.eqz" : "i32.eqz");
  fn.if(() => {
    fn.i32(raiseCode.outOfMemory);
    fn.i32(operatorId);
    fn.call(module.raise);
    fn.op("unreachable");
  });
};
