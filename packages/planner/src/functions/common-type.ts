import {
  type DataType,
  decimal,
  hugeint,
  type IntegerType,
  int16,
  int32,
  int64,
  integerDigits,
  integerLayout,
  isDecimal,
  isFloating,
  isInteger,
  isNumeric,
  MAX_DECIMAL_PRECISION,
  sameType,
} from "@headcut/plan";

const SIGNED_BY_BITS: Readonly<Record<number, DataType>> = { 16: int16, 32: int32, 64: int64 };

const commonInteger = (a: IntegerType, b: IntegerType): DataType => {
  const left = integerLayout(a.kind);
  const right = integerLayout(b.kind);
  if (left.signed === right.signed) return left.bits >= right.bits ? a : b;
  const [signed, signedType, unsigned] = left.signed ? [left, a, right] : [right, b, left];
  if (signed.bits > unsigned.bits) return signedType;
  return SIGNED_BY_BITS[unsigned.bits * 2] ?? hugeint;
};

/** A number type as precision and scale; `decimal(38, 0)` counts as the integer type HUGEINT. */
const digitsOf = (type: DataType): { readonly integral: number; readonly scale: number } | undefined => {
  if (isInteger(type)) return { integral: integerDigits(type.kind), scale: 0 };
  return isDecimal(type) ? { integral: type.precision - type.scale, scale: type.scale } : undefined;
};

const commonDecimal = (a: DataType, b: DataType): DataType | undefined => {
  const left = digitsOf(a);
  const right = digitsOf(b);
  if (left === undefined || right === undefined) return undefined;
  const integral = Math.max(left.integral, right.integral);
  const scale = Math.max(left.scale, right.scale);
  if (integral + scale <= MAX_DECIMAL_PRECISION) return decimal(integral + scale, scale);
  // No type holds both: whole digits win over fraction digits, but a HUGEINT gives way to the decimal beside it.
  if (sameType(a, hugeint) || sameType(b, hugeint) || isInteger(a) || isInteger(b)) {
    return decimal(MAX_DECIMAL_PRECISION, scale);
  }
  return decimal(MAX_DECIMAL_PRECISION, MAX_DECIMAL_PRECISION - integral);
};

const commonNumber = (a: DataType, b: DataType): DataType | undefined => {
  if (a.kind === "double" || b.kind === "double") return { kind: "double" };
  if (isFloating(a) || isFloating(b)) return { kind: "float" };
  return isInteger(a) && isInteger(b) ? commonInteger(a, b) : commonDecimal(a, b);
};

const commonTemporal = (a: DataType, b: DataType): DataType | undefined => {
  if (a.kind === "date" && b.kind === "timestamp") return b;
  if (a.kind === "timestamp" && b.kind === "date") return a;
  if (a.kind === "time" && b.kind === "time") return { kind: "time", unit: "ns" };
  if (a.kind !== "timestamp" || b.kind !== "timestamp") return undefined;
  if (a.utc === b.utc) return { kind: "timestamp", unit: "ns", utc: a.utc };
  // TIMESTAMP becomes TIMESTAMP WITH TIME ZONE, but TIMESTAMP_NS would lose digits.
  return a.unit === "us" && b.unit === "us" ? { kind: "timestamp", unit: "us", utc: true } : undefined;
};

/**
 * The type two expressions are brought to by CASE, COALESCE, UNION and comparison, as DuckDB does for columns (literals
 * adapt further, see `commonOperandType`); undefined when only an explicit cast could.
 */
export const commonType = (a: DataType, b: DataType): DataType | undefined => {
  if (sameType(a, b)) return a;
  if (a.kind === "null") return b;
  if (b.kind === "null") return a;
  if (a.kind === "boolean") return isInteger(b) || sameType(b, hugeint) ? b : undefined;
  if (b.kind === "boolean") return isInteger(a) || sameType(a, hugeint) ? a : undefined;
  return isNumeric(a) && isNumeric(b) ? commonNumber(a, b) : commonTemporal(a, b);
};
