import {
  type DataType,
  type DecimalType,
  type IntegerType,
  integerLayout,
  isInteger,
  QueryError,
  sameType,
  typeName,
  type Value,
} from "@headcut/plan";
import { MAX_INT64, MICROS_PER_DAY } from "./civil-date.ts";
import { formatValue } from "./format-value.ts";
import { parseDate } from "./parse-date.ts";
import { divideRounded, parseDecimal, pow10 } from "./parse-decimal.ts";
import { parseInterval } from "./parse-interval.ts";
import { parseTime } from "./parse-time.ts";
import { parseTimestamp } from "./parse-timestamp.ts";

/** Whether DuckDB has a cast between the types at all. */
export const canCast = (from: DataType, to: DataType): boolean => {
  if (from.kind === "null" || to.kind === from.kind || from.kind === "varchar" || to.kind === "varchar") return true;
  const group = (type: DataType): string =>
    type.kind === "boolean" ||
    isInteger(type) ||
    type.kind === "decimal" ||
    type.kind === "float" ||
    type.kind === "double"
      ? "number"
      : type.kind;
  const source = group(from);
  if (source === "number" || source === "interval" || source === "uuid" || source === "blob")
    return source === group(to);
  if (source === "timestamp") return to.kind === "date" || to.kind === "time";
  return source === "date" && to.kind === "timestamp";
};

/**
 * The value in the other type, as DuckDB's CAST converts it. A value that does not convert is a QueryError of code
 * "conversion"; a pair of types that `canCast` refuses, one of "type-mismatch".
 */
export const castValue = (value: Value, from: DataType, to: DataType): Value => {
  if (value === null || sameType(from, to)) return value;
  if (!canCast(from, to)) {
    throw new QueryError("type-mismatch", `cannot cast ${typeName(from)} to ${typeName(to)}`);
  }
  const result = convert(value, from, to);
  if (result === undefined) {
    throw new QueryError("conversion", `cannot convert ${describe(value, from)} to ${typeName(to)}`);
  }
  return result;
};

const describe = (value: Value, type: DataType): string =>
  type.kind === "varchar" ? `'${value}'` : `${typeName(type)} ${formatValue(type, value)}`;

const convert = (value: Value, from: DataType, to: DataType): Value | undefined => {
  switch (to.kind) {
    case "null":
      return null;
    case "boolean":
      return toBoolean(value, from);
    case "decimal":
      return toDecimal(value, from, to);
    case "float":
      return toFloat(toDouble(value, from));
    case "double":
      return toDouble(value, from);
    case "date":
      return toDate(value, from);
    case "time":
      return toTime(value, from, to.unit);
    case "timestamp":
      return toTimestamp(value, from, to);
    case "interval":
      return typeof value === "string" ? parseInterval(value) : undefined;
    case "varchar":
      return formatValue(from, value);
    case "blob":
      return typeof value === "string" ? parseBlob(value) : undefined;
    case "uuid":
      return typeof value === "string" ? parseUuid(value) : undefined;
    default:
      return toInteger(value, from, to);
  }
};

const TRUE_WORDS = new Set(["true", "t", "yes", "y", "1"]);
const FALSE_WORDS = new Set(["false", "f", "no", "n", "0"]);

const toBoolean = (value: Value, from: DataType): boolean | undefined => {
  if (from.kind !== "varchar") return typeof value === "bigint" ? value !== 0n : value !== 0;
  const word = String(value).toLowerCase();
  return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : undefined;
};

/** Round half to even, as the hardware's default. */
const roundHalfEven = (value: number): number => {
  const floor = Math.floor(value);
  const difference = value - floor;
  if (difference !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
};

const toBigInt = (value: Value, from: DataType): bigint | undefined => {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "bigint") return from.kind === "decimal" ? divideRounded(value, pow10(from.scale)) : value;
  if (typeof value === "number") {
    const rounded = roundHalfEven(value);
    return Number.isFinite(rounded) ? BigInt(rounded) : undefined;
  }
  if (typeof value !== "string") return undefined;
  const radix = /^\s*0[xX]([0-9a-fA-F]+)\s*$/.exec(value);
  return radix !== null ? BigInt(`0x${radix[1]}`) : parseDecimal(value, 0);
};

const toInteger = (value: Value, from: DataType, to: IntegerType): Value | undefined => {
  const integer = toBigInt(value, from);
  if (integer === undefined || !fitsInteger(integer, to)) return undefined;
  return integerLayout(to.kind).bits === 64 ? integer : Number(integer);
};

/** Whether the integer type holds the number. */
export const fitsInteger = (value: bigint, type: IntegerType): boolean => {
  const { bits, signed } = integerLayout(type.kind);
  return (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value;
};

const toDecimal = (value: Value, from: DataType, to: DecimalType): bigint | undefined => {
  const unscaled = toUnscaled(value, from, to.scale);
  if (unscaled === undefined) return undefined;
  const limit = pow10(to.precision);
  return unscaled > -limit && unscaled < limit ? unscaled : undefined;
};

const toUnscaled = (value: Value, from: DataType, scale: number): bigint | undefined => {
  if (typeof value === "string") return parseDecimal(value, scale);
  if (from.kind === "float" || from.kind === "double") {
    const scaled = (value as number) * 10 ** scale;
    return Number.isFinite(scaled) ? BigInt(Math.sign(scaled) * Math.round(Math.abs(scaled))) : undefined;
  }
  if (from.kind === "decimal") {
    const shift = scale - from.scale;
    return shift >= 0 ? (value as bigint) * pow10(shift) : divideRounded(value as bigint, pow10(-shift));
  }
  const integer = toBigInt(value, from);
  return integer === undefined ? undefined : integer * pow10(scale);
};

const FLOAT_TEXT = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const toDouble = (value: Value, from: DataType): number | undefined => {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return from.kind === "decimal" ? decimalToDouble(value, from.scale) : Number(value);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (word !== null) return word[2]!.toLowerCase() === "nan" ? Number.NaN : word[1] === "-" ? -Infinity : Infinity;
  return FLOAT_TEXT.test(text) ? Number(text.replaceAll("_", "")) : undefined;
};

/** Up to 2^53 the division is of exact numbers and so correctly rounded; beyond, whole and fraction part apart. */
const decimalToDouble = (unscaled: bigint, scale: number): number => {
  if (scale === 0) return Number(unscaled);
  if (unscaled >= -9007199254740992n && unscaled <= 9007199254740992n) return Number(unscaled) / 10 ** scale;
  const divisor = pow10(scale);
  return Number(unscaled / divisor) + Number(unscaled % divisor) / 10 ** scale;
};

const toFloat = (value: number | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const rounded = Math.fround(value);
  return Number.isFinite(value) && !Number.isFinite(rounded) ? undefined : rounded;
};

const floorDivide = (value: bigint, divisor: bigint): bigint => {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
};

const ticksPerDay = (unit: "us" | "ns"): bigint => (unit === "ns" ? MICROS_PER_DAY * 1000n : MICROS_PER_DAY);

const toDate = (value: Value, from: DataType): number | undefined => {
  if (typeof value === "string") return parseDate(value);
  if (from.kind === "timestamp") return Number(floorDivide(value as bigint, ticksPerDay(from.unit)));
  return undefined;
};

const inUnit = (value: bigint, from: "us" | "ns", to: "us" | "ns"): bigint =>
  from === to ? value : from === "us" ? value * 1000n : floorDivide(value, 1000n);

const toTime = (value: Value, from: DataType, unit: "us" | "ns"): bigint | undefined => {
  if (typeof value === "string") {
    const nanos = parseTime(value);
    return nanos === undefined ? undefined : inUnit(nanos, "ns", unit);
  }
  if (from.kind === "time") return inUnit(value as bigint, from.unit, unit);
  if (from.kind !== "timestamp") return undefined;
  const day = ticksPerDay(from.unit);
  return inUnit((((value as bigint) % day) + day) % day, from.unit, unit);
};

const toTimestamp = (
  value: Value,
  from: DataType,
  to: { readonly unit: "us" | "ns"; readonly utc: boolean },
): bigint | undefined => {
  const ticks = timestampTicks(value, from, to);
  return ticks !== undefined && ticks >= -MAX_INT64 && ticks <= MAX_INT64 ? ticks : undefined;
};

const timestampTicks = (
  value: Value,
  from: DataType,
  { unit, utc }: { readonly unit: "us" | "ns"; readonly utc: boolean },
): bigint | undefined => {
  if (typeof value === "string") {
    const parsed = parseTimestamp(value);
    return parsed && inUnit(utc ? parsed.nanos - parsed.offsetNanos : parsed.nanos, "ns", unit);
  }
  if (from.kind === "date") return BigInt(value as number) * ticksPerDay(unit);
  return from.kind === "timestamp" ? inUnit(value as bigint, from.unit, unit) : undefined;
};

/** ASCII, other bytes as `\xNN`. */
const parseBlob = (text: string): Uint8Array | undefined => {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return undefined;
    if (text[i] !== "\\") {
      bytes.push(code);
      continue;
    }
    const digits = /^\\x([0-9a-fA-F]{2})/.exec(text.slice(i, i + 4));
    if (digits === null) return undefined;
    bytes.push(Number.parseInt(digits[1]!, 16));
    i += 3;
  }
  return Uint8Array.from(bytes);
};

const parseUuid = (text: string): Uint8Array | undefined => {
  const digits = text
    .trim()
    .replace(/^\{(.*)\}$/, "$1")
    .replaceAll("-", "");
  return /^[0-9a-fA-F]{32}$/.test(digits)
    ? Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
    : undefined;
};
