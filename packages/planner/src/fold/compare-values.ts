import type { CompareOp, IntervalValue, Value } from "@headcut/plan";
import { MICROS_PER_DAY } from "./civil-date.ts";

/** Negative, zero or positive: how two values of one type, neither NULL, compare. NaN is equal to itself and above all else. */
export const compareValues = (a: Value, b: Value): number => {
  if (typeof a === "number" && typeof b === "number") return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if (isInterval(a) && isInterval(b)) return order(intervalLength(a), intervalLength(b));
  return order(a as bigint | boolean, b as bigint | boolean);
};

const order = <T extends bigint | boolean | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

const compareNumbers = (a: number, b: number): number => {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) ? -1 : order(a, b);
};

/** By code point, which is also the order of the UTF-8 bytes; UTF-16 units would put surrogates in the wrong place. */
export const compareText = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) {
      return order(rank(a.charCodeAt(i)), rank(b.charCodeAt(i)));
    }
  }
  return order(a.length, b.length);
};

/** Surrogates stand for code points above all others. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return order(a[i]!, b[i]!);
  return order(a.length, b.length);
};

const isInterval = (value: Value): value is IntervalValue =>
  typeof value === "object" && value !== null && "micros" in value;

/** An interval's length for comparison: months of 30 days, days of 24 hours (as PostgreSQL and DuckDB). */
const intervalLength = ({ months, days, micros }: IntervalValue): bigint =>
  BigInt(months * 30 + days) * MICROS_PER_DAY + micros;

/** `a op b` in three-valued logic. */
export const evaluateComparison = (op: CompareOp, a: Value, b: Value): boolean | null => {
  if (op === "distinct" || op === "notDistinct") {
    const same = a === null || b === null ? a === b : compareValues(a, b) === 0;
    return same === (op === "notDistinct");
  }
  if (a === null || b === null) return null;
  const sign = compareValues(a, b);
  switch (op) {
    case "eq":
      return sign === 0;
    case "ne":
      return sign !== 0;
    case "lt":
      return sign < 0;
    case "le":
      return sign <= 0;
    case "gt":
      return sign > 0;
    case "ge":
      return sign >= 0;
  }
};
