import { constant, varchar } from "@headcut/plan";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { compileConstant } from "../compile-constant.ts";
import { raiseCode } from "../raise-code.ts";
import type { ExpressionScope } from "../scope.ts";
import { anyNull, only, pop, type Value } from "../value.ts";
import { type CallContext, type EmitCall, emitKernelCall, kernelCall } from "./call.ts";

/** What `substring` takes when no length is given: more than any string has. */
const ALL = 0xffffffffn;
const TRIM = { ltrim: 1, rtrim: 2, trim: 3 } as const;

const substring: EmitCall = ({ scope, call, args }) => {
  const length = args[2] ?? fixedInt64(scope.fn, ALL);
  return emitKernelCall(
    scope,
    { kernel: "substring", fails: "SUBSTRING's start or length is out of range" },
    [args[0]!, args[1]!, length],
    call.type,
  );
};

const fixedInt64 = (fn: FunctionBuilder, value: bigint): Value => {
  fn.i64(value);
  return pop(fn, "int64");
};

const trim =
  (sides: number): EmitCall =>
  ({ scope, call, args }) => {
    const set = args[1] ?? compileConstant(SPACE, scope);
    return emitKernelCall(scope, { kernel: "textTrim", immediates: [sides] }, [args[0]!, set], call.type);
  };

const SPACE = constant(varchar, " ");

const byteLength: EmitCall = ({ scope, args }) => {
  const { fn } = scope;
  fn.get(only(args[0]!));
  fn.i64(32);
  fn.op("i64.shr_u");
  return pop(fn, "int64", args[0]!.isNull);
};

/** a || b || c …: from left to right. */
const concatenation: EmitCall = ({ scope, call, args }) =>
  args
    .slice(1)
    .reduce(
      (left, right) => emitKernelCall(scope, { kernel: "textConcat", allocates: true }, [left, right], call.type),
      args[0]!,
    );

/** Those that are not NULL, with the separator between them; NULL when the separator is. */
const concatWithSeparator: EmitCall = ({ scope, call, args }) => {
  const { fn } = scope;
  const [separator, ...parts] = args as [Value, ...Value[]];
  const result = fn.local("i64");
  const started = fn.local("i32");
  fn.i64(EMPTY_REFERENCE);
  fn.set(result);
  fn.i32(0);
  fn.set(started);
  const join = (part: Value): Value =>
    emitKernelCall(
      scope,
      { kernel: "textConcat", allocates: true },
      [{ storage: "string", locals: [result], isNull: undefined }, part],
      call.type,
    );
  for (const part of parts) {
    const append = (): void => {
      fn.get(started);
      fn.if(() => {
        fn.get(only(join({ ...separator, isNull: undefined })));
        fn.set(result);
      });
      fn.get(only(join({ ...part, isNull: undefined })));
      fn.set(result);
      fn.i32(1);
      fn.set(started);
    };
    const skipped = anyNull(fn, [separator, part]);
    if (skipped === undefined) append();
    else {
      fn.get(skipped);
      fn.op("i32.eqz");
      fn.if(append);
    }
  }
  return { storage: "string", locals: [result], isNull: separator.isNull };
};

/** As kernels/reference.ts has it. */
const EMPTY_REFERENCE = 8;

const pad = (atStart: boolean): EmitCall => {
  return ({ scope, call, args }: CallContext) =>
    emitKernelCall(
      scope,
      {
        kernel: "textPad",
        immediates: [atStart ? 1 : 0],
        allocates: true,
        fails: "a string cannot be padded with an empty one",
      },
      args,
      call.type,
    );
};

export const textCalls: Readonly<Record<string, EmitCall>> = {
  length: kernelCall({ kernel: "textLength" }),
  strlen: byteLength,
  octet_length: byteLength,
  lower: kernelCall({ kernel: "textLower", allocates: true }),
  upper: kernelCall({ kernel: "textUpper", allocates: true }),
  "||": concatenation,
  concat_ws: concatWithSeparator,
  substring,
  left: kernelCall({ kernel: "textLeft" }),
  right: kernelCall({ kernel: "textRight" }),
  trim: trim(TRIM.trim),
  ltrim: trim(TRIM.ltrim),
  rtrim: trim(TRIM.rtrim),
  lpad: pad(true),
  rpad: pad(false),
  replace: kernelCall({ kernel: "textReplace", allocates: true }),
  translate: kernelCall({ kernel: "textTranslate", allocates: true }),
  reverse: kernelCall({ kernel: "textReverse", allocates: true }),
  repeat: kernelCall({ kernel: "textRepeat", allocates: true }),
  strpos: kernelCall({ kernel: "textPosition" }),
  starts_with: kernelCall({ kernel: "stringStartsWith" }),
  ends_with: kernelCall({ kernel: "stringEndsWith" }),
  contains: kernelCall({ kernel: "stringContains" }),
  ascii: kernelCall({ kernel: "firstCharacter", immediates: [0] }),
  unicode: kernelCall({ kernel: "firstCharacter", immediates: [-1] }),
  chr: kernelCall({
    kernel: "characterOf",
    allocates: true,
    fails: "no character has this code",
    code: raiseCode.invalidArgument,
  }),
  split_part: kernelCall({ kernel: "splitPart" }),
};

/** lower(value), as ILIKE compares. */
export const emitLower = (scope: ExpressionScope, value: Value): Value =>
  emitKernelCall(scope, { kernel: "textLower", allocates: true }, [value], varchar);
