import { type DecimalType, type IntegerType, integerLayout, QueryError, typeName } from "@headcut/plan";
import { storageOf } from "../../layout/storage.ts";
import { divided, multiplied, pushPower } from "../cast/rescale.ts";
import { emitRaiseIf } from "../failure.ts";
import { emitInt128Kernel, widen } from "../int128.ts";
import { raiseCode } from "../raise-code.ts";
import type { ExpressionScope } from "../scope.ts";
import { anyNull, only, pop, push, type Value } from "../value.ts";
import { argType, type CallContext, type EmitCall } from "./call.ts";

/** The int128 as a value of the decimal's storage. */
const narrowed = (type: DecimalType, value: Value): Value =>
  storageOf(type) === "int128" || value.storage === "int64"
    ? value
    : { storage: "int64", locals: [value.locals[0]!], isNull: value.isNull };

/** The whole number below, or above. */
const towards =
  (up: boolean): EmitCall =>
  (context) => {
    const { fn, module } = context.scope;
    const [arg] = context.args as [Value];
    const type = argType(context, 0);
    switch (type.kind) {
      case "float":
      case "double":
        push(fn, arg);
        fn.op(`${type.kind === "float" ? "f32" : "f64"}.${up ? "ceil" : "floor"}`);
        return pop(fn, type.kind === "float" ? "float32" : "float64", arg.isNull);
      case "decimal": {
        if (type.scale === 0) return arg;
        push(fn, widen(fn, arg));
        pushPower(fn, type.scale);
        fn.i32(up ? 1 : 0);
        return narrowed(type, emitInt128Kernel(fn, module, "decimalDivideFloor", [], arg.isNull));
      }
      default:
        throw new QueryError("unsupported", `rounding ${typeName(type)} is not supported`);
    }
  };

/** round and trunc, with or without a number of places. */
const rounding =
  (truncate: boolean): EmitCall =>
  (context) => {
    const type = argType(context, 0);
    switch (type.kind) {
      case "float":
      case "double":
        return roundFloat(context, truncate);
      case "decimal":
        return roundDecimal(context, type, truncate);
      case "int8":
      case "int16":
      case "int32":
      case "int64":
      case "uint8":
      case "uint16":
      case "uint32":
      case "uint64":
        return context.args.length === 1 ? context.args[0]! : roundInteger(context, type as IntegerType, truncate);
      default:
        throw new QueryError("unsupported", `rounding ${typeName(type)} is not supported`);
    }
  };

const roundFloat = ({ scope, args }: CallContext, truncate: boolean): Value => {
  const { fn, module } = scope;
  const [arg, places] = args as [Value, Value | undefined];
  const single = arg.storage === "float32";
  push(fn, arg);
  if (single) fn.op("f64.promote_f32");
  if (places !== undefined) {
    push(fn, places);
    fn.i32(truncate ? 1 : 0);
    fn.call(module.kernel("roundToPlaces"));
  } else if (truncate) {
    fn.op("f64.trunc");
  } else {
    fn.call(module.kernel("roundHalfAway"));
  }
  if (single) fn.op("f32.demote_f64");
  return pop(fn, single ? "float32" : "float64", anyNull(fn, args));
};

const roundDecimal = ({ scope, call, args }: CallContext, from: DecimalType, truncate: boolean): Value => {
  const { fn, module } = scope;
  const to = call.type as DecimalType;
  const [arg] = args as [Value];
  const places = call.args[1];
  if (places !== undefined && places.kind !== "constant") {
    throw new QueryError(
      "unsupported",
      "rounding a DECIMAL to a number of places that is not constant is not supported",
    );
  }
  if (places?.value === null) return { ...arg, isNull: anyNull(fn, args) };
  const digits = places === undefined ? 0 : Number(places.value);
  if (digits >= from.scale) return arg;
  // As DuckDB has it: nothing is left when all digits before the point go, even where half would round up.
  if (-digits >= from.precision - from.scale && digits < 0) return zero(scope, to, arg.isNull);
  const shift = from.scale - digits;
  const quotient = truncate ? truncated(scope, arg, shift) : divided(fn, module, arg, shift);
  const result = multiplied(fn, module, quotient, Math.max(0, -digits), storageOf(to) === "int128");
  return { ...narrowed(to, storageOf(to) === "int128" ? widen(fn, result) : result), isNull: arg.isNull };
};

const zero = ({ fn }: ExpressionScope, type: DecimalType, isNull: Value["isNull"]): Value => {
  fn.i64(0);
  const low = pop(fn, "int64", isNull);
  return storageOf(type) === "int128" ? widen(fn, low) : low;
};

/** value / 10^shift towards zero. */
const truncated = ({ fn, module }: ExpressionScope, value: Value, shift: number): Value => {
  push(fn, value);
  if (value.storage === "int64") {
    fn.i64(10n ** BigInt(shift));
    fn.op("i64.div_s");
    return pop(fn, "int64");
  }
  pushPower(fn, shift);
  return emitInt128Kernel(fn, module, "decimalDivide", [], undefined);
};

/** To tens, hundreds …; a result that its type cannot hold is an overflow. */
const roundInteger = ({ scope, args }: CallContext, type: IntegerType, truncate: boolean): Value => {
  const { fn, module } = scope;
  const { bits, signed } = integerLayout(type.kind);
  if (type.kind === "uint64") throw new QueryError("unsupported", "rounding UBIGINT is not supported");
  const [arg, places] = args as [Value, Value];
  const isNull = anyNull(fn, args);
  const wide = fn.local("i64");
  push(fn, arg);
  if (arg.storage === "int32") fn.op("i64.extend_i32_s");
  fn.set(wide);
  fn.get(wide);
  push(fn, places);
  fn.i32(truncate ? 1 : 0);
  fn.call(module.kernel("roundInteger"));
  const rounded = pop(fn, "int64", isNull);
  if (bits === 64) {
    // Wrapped around: the sign is not the argument's any more.
    fn.get(only(rounded));
    fn.get(wide);
    fn.op("i64.xor");
    fn.i64(0);
    fn.op("i64.lt_s");
    fn.get(only(rounded));
    fn.op("i64.eqz");
    fn.op("i32.eqz");
    fn.op("i32.and");
  } else {
    const half = signed ? 2n ** BigInt(bits - 1) : 0n;
    fn.get(only(rounded));
    fn.i64(half);
    fn.op("i64.add");
    fn.i64(2n ** BigInt(bits) - 1n);
    fn.op("i64.gt_u");
  }
  emitRaiseIf(scope, raiseCode.overflow, `overflow in the rounding of a ${typeName(type)} value`, isNull);
  if (arg.storage === "int64") return rounded;
  fn.get(only(rounded));
  fn.op("i32.wrap_i64");
  return pop(fn, "int32", isNull);
};

export const roundingCalls: Readonly<Record<string, EmitCall>> = {
  ceil: towards(true),
  floor: towards(false),
  round: rounding(false),
  trunc: rounding(true),
};
