import { type DataType, type IntervalValue, QueryError, type Value } from "@headcut/plan";
import { presentText, textOf } from "./text-of.ts";

/** How result values appear in JavaScript, where there is more than one honest choice. */
export interface ValueOptions {
  /**
   * BIGINT, UBIGINT and HUGEINT (integer sums): "bigint" (default) and "string" are lossless; "number" is an error for
   * a value beyond ±(2^53 − 1), never a rounded one.
   */
  readonly int64?: "bigint" | "number" | "string";
  /** DECIMAL: "string" (default, exact) or "number" (nearest double). */
  readonly decimal?: "string" | "number";
  /** DATE and TIMESTAMP: "string" (default, all digits) or "date" (JavaScript Date; microseconds are cut off). */
  readonly temporal?: "string" | "date";
}

export type JavaScriptValue = null | boolean | number | bigint | string | Uint8Array | Date | IntervalValue;

/** The converter from plan values of one column to what the caller asked for. */
export const toJavaScript = (type: DataType, options: ValueOptions = {}): ((value: Value) => JavaScriptValue) => {
  switch (type.kind) {
    case "int64":
    case "uint64":
      return wideInteger(options.int64 ?? "bigint");
    case "decimal":
      if (type.scale === 0 && type.precision === 38) return wideInteger(options.int64 ?? "bigint");
      return options.decimal === "number"
        ? (value) => (value === null ? null : Number(presentText(type, value)))
        : (value) => textOf(type, value);
    case "date":
      if (options.temporal === "date")
        return (value) => (value === null ? null : new Date((value as number) * 86_400_000));
      return text(type);
    case "timestamp":
      if (options.temporal === "date") {
        const perMilli = type.unit === "ns" ? 1_000_000n : 1_000n;
        return (value) => (value === null ? null : new Date(Number(floorDivide(value as bigint, perMilli))));
      }
      return text(type);
    case "time":
    case "uuid":
      return text(type);
    default:
      return (value) => value;
  }
};

const text =
  (type: DataType) =>
  (value: Value): JavaScriptValue =>
    textOf(type, value);

const floorDivide = (value: bigint, divisor: bigint): bigint =>
  value / divisor - (value < 0n && value % divisor !== 0n ? 1n : 0n);

const wideInteger = (choice: "bigint" | "number" | "string"): ((value: Value) => JavaScriptValue) => {
  switch (choice) {
    case "bigint":
      return (value) => value;
    case "string":
      return (value) => (value === null ? null : String(value));
    case "number":
      return (value) => {
        if (value === null) return null;
        const number = Number(value);
        if (Number.isSafeInteger(number)) return number;
        throw new QueryError("conversion", `${value} is too large for a JavaScript number`, {
          hint: 'Ask for lossless integers with { int64: "bigint" } or { int64: "string" }.',
        });
      };
  }
};
