import {
  type Arithmetic,
  type ArithmeticOp,
  type DataType,
  type IntegerType,
  type IntervalValue,
  integerLayout,
  isInteger,
  QueryError,
  typeName,
  type Value,
} from "@headcut/plan";
import { fitsInteger } from "./cast-value.ts";
import { MAX_DATE, MAX_INT64, MICROS_PER_DAY, MIN_DATE } from "./civil-date.ts";
import { addInterval, addIntervals, negateInterval, scaleInterval } from "./interval-arithmetic.ts";
import { pow10 } from "./parse-decimal.ts";

const overflow = (type: DataType): QueryError =>
  new QueryError("overflow", `the result of the calculation does not fit ${typeName(type)}`);

/**
 * `left op right` of values that are not NULL; NULL for integer and decimal division by zero, undefined for what is left
 * to execution. A result that does not fit its type is a QueryError of code "overflow".
 */
export const evaluateArithmetic = (node: Arithmetic, left: Value, right: Value): Value | undefined => {
  const { op, type } = node;
  const a = node.left.type;
  const b = node.right.type;
  if (isInteger(type) && isInteger(a) && isInteger(b)) return integerValue(op, left, right, type);
  if (type.kind === "decimal") return decimalValue(op, left as bigint, right as bigint, type);
  if (type.kind === "double") return floatValue(op, left as number, right as number);
  if (type.kind === "float") {
    const value = floatValue(op, left as number, right as number);
    return value === null ? null : Math.fround(value);
  }
  return temporalValue(op, left, right, a, b, type);
};

const exact = (op: ArithmeticOp, a: bigint, b: bigint): bigint | null | undefined => {
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "intdiv":
      return b === 0n ? null : a / b;
    case "mod":
      return b === 0n ? null : a % b;
    case "div":
      return undefined;
  }
};

const integerValue = (op: ArithmeticOp, left: Value, right: Value, type: IntegerType): Value | undefined => {
  const result = exact(op, BigInt(left as number | bigint), BigInt(right as number | bigint));
  if (result === null || result === undefined) return result;
  if (!fitsInteger(result, type)) throw overflow(type);
  return integerLayout(type.kind).bits === 64 ? result : Number(result);
};

const decimalValue = (
  op: ArithmeticOp,
  left: bigint,
  right: bigint,
  type: DataType & { readonly kind: "decimal" },
): Value | undefined => {
  const result = exact(op, left, right);
  if (result === null || result === undefined) return result;
  const limit = pow10(type.precision);
  if (result <= -limit || result >= limit) throw overflow(type);
  return result;
};

const floatValue = (op: ArithmeticOp, a: number, b: number): number | null => {
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    case "intdiv":
      return b === 0 ? null : a / b;
    case "mod":
      return a % b;
  }
};

const dateValue = (days: number): number => {
  if (days < MIN_DATE || days > MAX_DATE) throw overflow({ kind: "date" });
  return days;
};

const timestampValue = (micros: bigint): bigint => {
  if (micros < -MAX_INT64 || micros > MAX_INT64) throw overflow({ kind: "timestamp", unit: "us", utc: false });
  return micros;
};

const temporalValue = (
  op: ArithmeticOp,
  left: Value,
  right: Value,
  a: DataType,
  b: DataType,
  result: DataType,
): Value | undefined => {
  if (a.kind === "interval" && b.kind === "interval") {
    const [x, y] = [left as IntervalValue, right as IntervalValue];
    return op === "add" ? addIntervals(x, y) : op === "sub" ? addIntervals(x, negateInterval(y)) : undefined;
  }
  // Addition and multiplication take their operands either way round.
  if (a.kind === "interval" || (op === "add" && b.kind === "date" && a.kind !== "date")) {
    if (op === "add") return temporalValue(op, right, left, b, a, result);
    return op === "mul" && isInteger(b) ? scaleInterval(left as IntervalValue, right as bigint) : undefined;
  }
  if (b.kind === "interval") {
    if (op === "mul") return isInteger(a) ? scaleInterval(right as IntervalValue, left as bigint) : undefined;
    const step = op === "sub" ? negateInterval(right as IntervalValue) : (right as IntervalValue);
    return shifted(left, a, step);
  }
  if (a.kind === "date") return dateArithmetic(op, left as number, right, b);
  if (a.kind === "timestamp" && b.kind === "timestamp" && op === "sub") {
    const micros = (left as bigint) - (right as bigint);
    return { months: 0, days: Number(micros / MICROS_PER_DAY), micros: micros % MICROS_PER_DAY };
  }
  return undefined;
};

const dateArithmetic = (op: ArithmeticOp, days: number, right: Value, b: DataType): Value | undefined => {
  if (b.kind === "date") return op === "sub" ? BigInt(days - (right as number)) : undefined;
  if (b.kind === "time") return timestampValue(BigInt(days) * MICROS_PER_DAY + (right as bigint));
  if (b.kind !== "int32") return undefined;
  return dateValue(op === "add" ? days + (right as number) : days - (right as number));
};

const shifted = (value: Value, type: DataType, step: IntervalValue): Value | undefined => {
  if (type.kind === "date") return timestampValue(addInterval(BigInt(value as number) * MICROS_PER_DAY, step));
  if (type.kind === "timestamp") return timestampValue(addInterval(value as bigint, step));
  if (type.kind !== "time") return undefined;
  const time = ((value as bigint) + step.micros) % MICROS_PER_DAY;
  return time < 0n ? time + MICROS_PER_DAY : time;
};

/** `-value`. */
export const evaluateNegation = (type: DataType, value: Value): Value => {
  if (type.kind === "interval") return negateInterval(value as IntervalValue);
  if (type.kind === "decimal") return -(value as bigint);
  if (!isInteger(type)) return -(value as number);
  const result = -BigInt(value as number | bigint);
  if (!fitsInteger(result, type)) throw overflow(type);
  return integerLayout(type.kind).bits === 64 ? result : Number(result);
};
