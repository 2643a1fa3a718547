import {
  type ArithmeticOp,
  type DataType,
  type DecimalType,
  decimal,
  type Expression,
  hugeint,
  type IntegerType,
  int32,
  int64,
  integerDigits,
  integerLayout,
  interval,
  isDecimal,
  isFloating,
  isInteger,
  isNumeric,
  MAX_DECIMAL_PRECISION,
  MAX_DECIMAL64_PRECISION,
  sameType,
  timestamp,
} from "@headcut/plan";
import { commonType } from "./common-type.ts";
import { implicitCastCost } from "./implicit-cast.ts";
import { literalFits, type Operand } from "./operand.ts";

/** The types an operator's operands are cast to, and its result's. */
export interface ArithmeticTypes {
  readonly left: DataType;
  readonly right: DataType;
  readonly result: DataType;
}

const all = (type: DataType): ArithmeticTypes => ({ left: type, right: type, result: type });

/** `decimal(38, 0)` stands for HUGEINT, an integer. */
const isWhole = (type: DataType): boolean => isInteger(type) || sameType(type, hugeint);

/**
 * DuckDB picks the cheapest overload for two integers: the wider type if the narrower fits into it, else BIGINT if both
 * do, else HUGEINT.
 */
const integerResult = (left: Operand, right: Operand): DataType => {
  const a = left.expression.type;
  const b = right.expression.type;
  if (left.literal === "integer" && right.literal !== "integer" && literalFits(left, b)) return b;
  if (right.literal === "integer" && left.literal !== "integer" && literalFits(right, a)) return a;
  if (!isInteger(a) || !isInteger(b)) return hugeint;
  const holds = (type: IntegerType, other: IntegerType): boolean => {
    const outer = integerLayout(type.kind);
    const inner = integerLayout(other.kind);
    return outer.signed === inner.signed ? outer.bits >= inner.bits : outer.signed && outer.bits > inner.bits;
  };
  if (holds(a, b)) return a;
  if (holds(b, a)) return b;
  return holds(int64 as IntegerType, a) && holds(int64 as IntegerType, b) ? int64 : hugeint;
};

/** An exact number as the decimal that holds it: an INTEGER is a DECIMAL(10,0). */
const asDecimal = (type: DataType): DecimalType =>
  (isDecimal(type) ? type : decimal(integerDigits((type as IntegerType).kind), 0)) as DecimalType;

/** One digit more than the longer operand; within 64 bits while both operands are, with overflow checked when run. */
const sumTypes = (a: DecimalType, b: DecimalType): ArithmeticTypes => {
  const scale = Math.max(a.scale, b.scale);
  const digits = Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1;
  const small = Math.max(a.precision, b.precision) <= MAX_DECIMAL64_PRECISION;
  const result = decimal(Math.min(digits, small ? MAX_DECIMAL64_PRECISION : MAX_DECIMAL_PRECISION), scale);
  return all(result);
};

const productTypes = (a: DecimalType, b: DecimalType): ArithmeticTypes | undefined => {
  const scale = a.scale + b.scale;
  if (scale > MAX_DECIMAL_PRECISION) return undefined;
  const small = Math.max(a.precision, b.precision) <= MAX_DECIMAL64_PRECISION && scale < MAX_DECIMAL64_PRECISION;
  const limit = small ? MAX_DECIMAL64_PRECISION : MAX_DECIMAL_PRECISION;
  return { left: a, right: b, result: decimal(Math.min(a.precision + b.precision, limit), scale) };
};

const numberTypes = (op: ArithmeticOp, left: Operand, right: Operand): ArithmeticTypes | undefined => {
  const a = left.expression.type;
  const b = right.expression.type;
  if (isFloating(a) || isFloating(b)) return all(commonType(a, b)!);
  if (op === "div") return all({ kind: "double" });
  if (isWhole(a) && isWhole(b)) return all(integerResult(left, right));
  const x = asDecimal(a);
  const y = asDecimal(b);
  switch (op) {
    case "add":
    case "sub":
      return sumTypes(x, y);
    case "mul":
      return productTypes(x, y);
    case "intdiv":
      return all({ kind: "double" });
    case "mod": {
      const integral = Math.max(x.precision - x.scale, y.precision - y.scale);
      const scale = Math.max(x.scale, y.scale);
      return all(integral + scale <= MAX_DECIMAL_PRECISION ? decimal(integral + scale, scale) : { kind: "double" });
    }
  }
};

/** Operators with a date, time or interval. Their operands keep their types but for integers, which become INTEGER (days). */
const temporalTypes = (op: ArithmeticOp, left: Operand, right: Operand): ArithmeticTypes | undefined => {
  const a = left.expression.type;
  const b = right.expression.type;
  if (op === "add") {
    return plusTypes(left, right) ?? swapped(plusTypes(right, left));
  }
  if (op === "sub") {
    if (a.kind === "date" && b.kind === "date") return { left: a, right: b, result: int64 };
    if (a.kind === "date" && days(right)) return { left: a, right: int32, result: a };
    if (b.kind === "interval") return minusInterval(a);
    if ((a.kind === "date" || a.kind === "timestamp") && (b.kind === "date" || b.kind === "timestamp")) {
      const common = commonType(a, b);
      if (common?.kind !== "timestamp") return undefined;
      const type: DataType = { ...common, unit: "us" };
      return { left: type, right: type, result: interval };
    }
    return undefined;
  }
  if (op === "mul") return scaleTypes(a, b) ?? swapped(scaleTypes(b, a));
  if (op === "div" && a.kind === "interval" && isNumeric(b)) {
    return { left: a, right: { kind: "double" }, result: a };
  }
  return undefined;
};

const swapped = (types: ArithmeticTypes | undefined): ArithmeticTypes | undefined =>
  types && { left: types.right, right: types.left, result: types.result };

/** Whether the operand can be a number of days added to a date: an integer of up to 32 bits. */
const days = (operand: Operand): boolean =>
  isInteger(operand.expression.type) && implicitCastCost(operand, int32) !== undefined;

const minusInterval = (type: DataType): ArithmeticTypes | undefined => {
  switch (type.kind) {
    case "date":
      return { left: type, right: interval, result: timestamp };
    case "timestamp": {
      const point: DataType = { ...type, unit: "us" };
      return { left: point, right: interval, result: point };
    }
    case "time": {
      const clock: DataType = { kind: "time", unit: "us" };
      return { left: clock, right: interval, result: clock };
    }
    case "interval":
      return all(interval);
    default:
      return undefined;
  }
};

const plusTypes = (left: Operand, right: Operand): ArithmeticTypes | undefined => {
  const a = left.expression.type;
  const b = right.expression.type;
  if (b.kind === "interval") return minusInterval(a);
  if (a.kind !== "date") return undefined;
  if (b.kind === "time") return { left: a, right: { kind: "time", unit: "us" }, result: timestamp };
  return days(right) ? { left: a, right: int32, result: a } : undefined;
};

const scaleTypes = (a: DataType, b: DataType): ArithmeticTypes | undefined => {
  if (a.kind !== "interval" || !isNumeric(b)) return undefined;
  return { left: a, right: isInteger(b) ? int64 : { kind: "double" }, result: a };
};

/**
 * The coercions and the result of `left op right`, as DuckDB 1.5 types them; undefined when there is no such operator.
 * A NULL takes its partner's type, a string literal is not guessed at.
 */
export const arithmeticTypes = (op: ArithmeticOp, left: Operand, right: Operand): ArithmeticTypes | undefined => {
  const a = left.expression.type;
  const b = right.expression.type;
  if (a.kind === "null" && b.kind === "null") return all(op === "div" ? { kind: "double" } : int64);
  if (a.kind === "null") return isNumeric(b) ? arithmeticTypes(op, right, right) : temporalNull(op, b, "left");
  if (b.kind === "null") return isNumeric(a) ? arithmeticTypes(op, left, left) : temporalNull(op, a, "right");
  return isNumeric(a) && isNumeric(b) ? numberTypes(op, left, right) : temporalTypes(op, left, right);
};

/** `date + NULL` is a DATE, as if days were added; elsewhere NULL is read as an interval, or as a factor of one. */
const temporalNull = (op: ArithmeticOp, type: DataType, nullSide: "left" | "right"): ArithmeticTypes | undefined => {
  const types = withNull(op, type);
  return nullSide === "right" ? types : op === "add" || op === "mul" ? swapped(types) : undefined;
};

const withNull = (op: ArithmeticOp, type: DataType): ArithmeticTypes | undefined => {
  switch (op) {
    case "add":
    case "sub":
      return type.kind === "date" ? { left: type, right: int32, result: type } : minusInterval(type);
    case "mul":
    case "div":
      return type.kind === "interval" ? { left: type, right: { kind: "double" }, result: type } : undefined;
    default:
      return undefined;
  }
};

/** Whether the operator may yield NULL for operands that are not. */
export const mayYieldNull = (op: ArithmeticOp, result: DataType): boolean =>
  op === "intdiv" || (op === "mod" && !isFloating(result)) || (op === "div" && result.kind === "interval");

/** `left op right` once its operands are cast. */
export const arithmetic = (op: ArithmeticOp, left: Expression, right: Expression, type: DataType): Expression => ({
  kind: "arithmetic",
  op,
  left,
  right,
  type,
  nullable: left.nullable || right.nullable || mayYieldNull(op, type),
});
