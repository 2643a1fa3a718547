import type { Call, DataType } from "@headcut/plan";
import { threadContext } from "../../layout/context.ts";
import { storageOf } from "../../layout/storage.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { emitOutOfMemoryIfZero, emitRaiseIf } from "../failure.ts";
import type { KernelName } from "../kernel-signatures.ts";
import { type RaiseCode, raiseCode } from "../raise-code.ts";
import type { ExpressionScope } from "../scope.ts";
import { freshValue } from "../storage-access.ts";
import { anyNull, only, push, type Value } from "../value.ts";

/** A call being compiled: `args` are its arguments' values, already evaluated. */
export interface CallContext {
  readonly scope: ExpressionScope;
  readonly call: Call;
  readonly args: readonly Value[];
}

export const argType = ({ call }: CallContext, position: number): DataType => call.args[position]!.type;

/** Emits one function of the catalogue. */
export type EmitCall = (context: CallContext) => Value;

export interface KernelCall {
  readonly kernel: KernelName;
  /** Further i32 arguments, after the values. */
  readonly immediates?: readonly number[];
  /** Its last argument is the scratch arena, and a result of 0 means that it is exhausted. */
  readonly allocates?: boolean;
  /** `kernelFailure` not 0 after the call raises this. */
  readonly fails?: string;
  readonly code?: RaiseCode;
}

/** A strict function that is a kernel over its arguments. */
export const kernelCall =
  (kernel: KernelCall): EmitCall =>
  ({ scope, call, args }) =>
    emitKernelCall(scope, kernel, args, call.type);

/** NULL when an argument is; then the kernel is not called. */
export const emitKernelCall = (
  scope: ExpressionScope,
  kernel: KernelCall,
  args: readonly Value[],
  type: DataType,
): Value => {
  const { fn, module } = scope;
  const isNull = anyNull(fn, args);
  const result = freshValue(fn, storageOf(type), false);
  unlessNull(fn, isNull, () => {
    for (const arg of args) push(fn, arg);
    for (const immediate of kernel.immediates ?? []) fn.i32(immediate);
    if (kernel.allocates === true) pushScratch(scope);
    fn.call(module.kernel(kernel.kernel));
    fn.set(result.locals[0]!);
    if (result.storage === "int128") {
      fn.call(module.kernel("highWord"));
      fn.set(result.locals[1]!);
    }
    if (kernel.allocates === true) emitOutOfMemoryIfZero(scope, only(result));
    if (kernel.fails !== undefined) {
      fn.call(module.kernel("kernelFailure"));
      emitRaiseIf(scope, kernel.code ?? raiseCode.invalidArgument, kernel.fails, undefined);
    }
  });
  return { ...result, isNull };
};

export const unlessNull = (fn: FunctionBuilder, isNull: Local | undefined, emit: () => void): void => {
  if (isNull === undefined) {
    emit();
    return;
  }
  fn.get(isNull);
  fn.op("i32.eqz");
  fn.if(emit);
};

/** Leaves the address of the thread's scratch arena. */
export const pushScratch = ({ fn, context }: Pick<ExpressionScope, "fn" | "context">): void => {
  fn.get(context);
  fn.mem("i32.load", threadContext.scratch);
};
