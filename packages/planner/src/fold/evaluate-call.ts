import {
  type Call,
  type DataType,
  integerLayout,
  isDecimal,
  isInteger,
  QueryError,
  typeName,
  type Value,
} from "@headcut/plan";
import { fitsInteger } from "./cast-value.ts";
import { compareValues } from "./compare-values.ts";
import { evaluateTemporal } from "./evaluate-temporal.ts";
import { TEXT_EVALUATORS } from "./evaluate-text.ts";
import { divideRounded, pow10 } from "./parse-decimal.ts";

/** Functions that look at NULL arguments. */
const evaluateNullable = (name: string, args: readonly Value[]): Value | undefined => {
  const present = args.filter((arg) => arg !== null);
  switch (name) {
    case "greatest":
      return present.reduce<Value>((best, arg) => (best === null || compareValues(arg, best) > 0 ? arg : best), null);
    case "least":
      return present.reduce<Value>((best, arg) => (best === null || compareValues(arg, best) < 0 ? arg : best), null);
    case "concat_ws":
      return args[0] === null
        ? null
        : args
            .slice(1)
            .filter((arg) => arg !== null)
            .join(args[0] as string);
    default:
      return undefined;
  }
};

/** Half away from zero. */
const roundHalfAway = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

/**
 * Functions on numbers that have one right answer; those of a mathematics library are left to execution, so that
 * constants and columns get the same one.
 */
const evaluateNumeric = (name: string, value: Value, type: DataType): Value | undefined => {
  switch (name) {
    case "abs":
      return absolute(value, type);
    case "sign":
      return compareValues(value, typeof value === "bigint" ? 0n : 0);
    case "ceil":
      return typeof value === "number" ? Math.ceil(value) : decimalWhole(value, type, (a, b) => -floorDivide(-a, b));
    case "floor":
      return typeof value === "number" ? Math.floor(value) : decimalWhole(value, type, floorDivide);
    case "round":
      return typeof value === "number" ? roundHalfAway(value) : decimalWhole(value, type, divideRounded);
    case "trunc":
      return typeof value === "number" ? Math.trunc(value) : decimalWhole(value, type, (a, b) => a / b);
    default:
      return undefined;
  }
};

const absolute = (value: Value, type: DataType): Value => {
  if (typeof value === "bigint") {
    const magnitude = value < 0n ? -value : value;
    if (isInteger(type) && !fitsInteger(magnitude, type)) throw overflow(type);
    return magnitude;
  }
  const magnitude = Math.abs(value as number);
  if (isInteger(type) && integerLayout(type.kind).bits < 64 && !fitsInteger(BigInt(magnitude), type)) {
    throw overflow(type);
  }
  return magnitude;
};

const overflow = (type: DataType): QueryError =>
  new QueryError("overflow", `the absolute value does not fit ${typeName(type)}`);

const floorDivide = (a: bigint, b: bigint): bigint => (a < 0n && a % b !== 0n ? a / b - 1n : a / b);

const decimalWhole = (
  value: Value,
  type: DataType,
  divide: (value: bigint, divisor: bigint) => bigint,
): bigint | undefined => (isDecimal(type) ? divide(value as bigint, pow10(type.scale)) : undefined);

/** A call of constants; undefined when execution must do it. */
export const evaluateCall = (call: Call, args: readonly Value[]): Value | undefined => {
  const special = evaluateNullable(call.name, args);
  if (special !== undefined) return special;
  if (args.includes(null)) return null;
  const text = TEXT_EVALUATORS[call.name];
  const types = call.args.map((arg) => arg.type);
  if (text !== undefined) return text(...args);
  const temporal = evaluateTemporal(call.name, args, types);
  if (temporal !== undefined) return temporal;
  return args.length === 1 ? evaluateNumeric(call.name, args[0]!, types[0]!) : undefined;
};
