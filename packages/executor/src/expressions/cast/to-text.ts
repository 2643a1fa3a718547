import { constant, integerLayout, isInteger, QueryError, typeName, varchar } from "@headcut/plan";
import { emitKernelCall, type KernelCall } from "../call/call.ts";
import { compileConstant } from "../compile-constant.ts";
import { widen } from "../int128.ts";
import { only, pop, type Value } from "../value.ts";
import type { Conversion } from "./conversion.ts";

const TRUE_TEXT = constant(varchar, "true");
const FALSE_TEXT = constant(varchar, "false");

/** The value as DuckDB prints it. */
export const castToText = (conversion: Conversion, value: Value): Value => {
  const { scope, from } = conversion;
  const { fn } = scope;
  const format = (kernel: KernelCall["kernel"], arg = value, ...immediates: number[]): Value =>
    emitKernelCall(scope, { kernel, immediates, allocates: true }, [arg], varchar);
  if (isInteger(from)) {
    const wide = value.storage === "int64" ? value : extended(conversion, value);
    return format("formatInteger", wide, integerLayout(from.kind).signed ? 1 : 0);
  }
  switch (from.kind) {
    case "boolean":
      fn.get(only(compileConstant(TRUE_TEXT, scope)));
      fn.get(only(compileConstant(FALSE_TEXT, scope)));
      fn.get(only(value));
      fn.op("select");
      return pop(fn, "string", value.isNull);
    case "decimal":
      return format("formatDecimal", widen(fn, value), from.precision, from.scale);
    case "float":
      return format("formatSingle");
    case "double":
      return format("formatDouble");
    case "date":
      return format("formatDate");
    case "time":
      return format("formatTime", value, from.unit === "ns" ? 1 : 0);
    case "timestamp":
      return format("formatTimestamp", value, from.unit === "ns" ? 1 : 0, from.utc ? 1 : 0);
    case "interval":
      return format("formatInterval");
    case "uuid":
      return format("formatUuid");
    case "blob":
      return format("formatBlob");
    default:
      throw new QueryError("unsupported", `a cast from ${typeName(from)} to VARCHAR is not supported`);
  }
};

const extended = ({ scope: { fn } }: Conversion, value: Value): Value => {
  fn.get(only(value));
  fn.op("i64.extend_i32_s");
  return pop(fn, "int64", value.isNull);
};
