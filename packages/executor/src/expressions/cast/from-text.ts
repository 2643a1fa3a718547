import { type DataType, integerLayout, isInteger, QueryError, typeName } from "@headcut/plan";
import { storageOf } from "../../layout/storage.ts";
import type { FunctionRef, Local } from "../../wasm/function-builder.ts";
import { pushScratch, unlessNull } from "../call/call.ts";
import type { CodeModule } from "../code-module.ts";
import { emitBeyondDigits } from "../int128.ts";
import type { KernelName } from "../kernel-signatures.ts";
import { raiseCode } from "../raise-code.ts";
import { emitMove, freshValue } from "../storage-access.ts";
import { only, push, type Value } from "../value.ts";
import type { Conversion } from "./conversion.ts";

interface Parser {
  readonly kernel: KernelName;
  readonly immediates: readonly number[];
  readonly allocates?: boolean;
  /** The kernel's result is an int128 (`highWord`) of which the type takes what its storage holds. */
  readonly wide?: boolean;
}

const parserOf = (to: DataType): Parser => {
  if (isInteger(to)) {
    const { bits, signed } = integerLayout(to.kind);
    return { kernel: "parseInteger", immediates: [bits, signed ? 1 : 0] };
  }
  switch (to.kind) {
    case "boolean":
      return { kernel: "parseBoolean", immediates: [] };
    case "decimal":
      return { kernel: "parseDecimal", immediates: [to.scale], wide: true };
    case "float":
      return { kernel: "parseSingle", immediates: [], allocates: true };
    case "double":
      return { kernel: "parseDouble", immediates: [], allocates: true };
    case "date":
      return { kernel: "parseDate", immediates: [] };
    case "time":
      return { kernel: "parseTime", immediates: [to.unit === "ns" ? 1 : 0] };
    case "timestamp":
      return { kernel: "parseTimestamp", immediates: [to.unit === "ns" ? 1 : 0, to.utc ? 1 : 0] };
    case "interval":
      return { kernel: "parseInterval", immediates: [], wide: true };
    case "uuid":
      return { kernel: "parseUuid", immediates: [], wide: true };
    case "blob":
      return { kernel: "parseBlob", immediates: [], allocates: true };
    default:
      throw new QueryError("unsupported", `a cast from VARCHAR to ${typeName(to)} is not supported`);
  }
};

/** The value that the text spells, in the forms DuckDB reads; other text does not convert. */
export const castFromText = ({ scope, to, isTry }: Conversion, text: Value): Value => {
  const { fn, module, context } = scope;
  const parser = parserOf(to);
  const result = freshValue(fn, storageOf(to), false);
  const failed = fn.local("i32");
  fn.i32(0);
  fn.set(failed);
  unlessNull(fn, text.isNull, () => {
    push(fn, text);
    for (const immediate of parser.immediates) fn.i32(immediate);
    if (parser.allocates === true) pushScratch(scope);
    fn.call(module.kernel(parser.kernel));
    if (parser.wide === true) {
      const wide = freshValue(fn, "int128", false);
      fn.set(wide.locals[0]!);
      fn.call(module.kernel("highWord"));
      fn.set(wide.locals[1]!);
      emitMove(fn, { ...wide, locals: wide.locals.slice(0, result.locals.length) }, result);
      fn.call(module.kernel("kernelFailure"));
      if (to.kind === "decimal") {
        emitBeyondDigits(fn, wide, to.precision);
        fn.op("i32.or");
      }
    } else {
      if (result.storage === "int32" && isInteger(to)) fn.op("i32.wrap_i64");
      fn.set(only(result));
      fn.call(module.kernel("kernelFailure"));
    }
    fn.set(failed);
    if (isTry) return;
    fn.get(failed);
    fn.if(() => {
      fn.get(context);
      fn.i32(module.message(`cannot convert {} to ${typeName(to)}`));
      push(fn, text);
      fn.call(raiseUnconvertible(module));
      fn.op("unreachable");
    });
  });
  return { ...result, isNull: isTry ? eitherNull(scope.fn, failed, text.isNull) : text.isNull };
};

const eitherNull = (fn: Conversion["scope"]["fn"], failed: Local, isNull: Local | undefined): Local => {
  const either = fn.local("i32");
  fn.get(failed);
  fn.i32(0);
  fn.op("i32.ne");
  if (isNull !== undefined) {
    fn.get(isNull);
    fn.op("i32.or");
  }
  fn.set(either);
  return either;
};

/** (context, message, text): raises the error with the text in it. */
const raiseUnconvertible = (module: CodeModule): FunctionRef =>
  module.helper("raiseUnconvertible", ["i32", "i32", "i64"], [], (fn) => {
    const [context, message, text] = fn.params as [Local, Local, Local];
    const record = fn.local("i32");
    pushScratch({ fn, context });
    fn.i32(16);
    fn.call(module.kernel("arenaAllocate"));
    fn.tee(record);
    fn.op("i32.eqz");
    fn.if(
      () => {
        fn.i32(raiseCode.outOfMemory);
        fn.i32(0);
        fn.call(module.raise);
      },
      () => {
        fn.get(record);
        fn.get(message);
        fn.mem("i32.store");
        fn.get(record);
        fn.get(text);
        fn.mem("i64.store", 4);
        fn.i32(raiseCode.conversionOfText);
        fn.get(record);
        fn.call(module.raise);
      },
    );
  });
