import type { DataType } from "./data-type.ts";

export interface IntervalValue {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

/**
 * A constant as planning holds it, read together with its `DataType`:
 * boolean → boolean; integers up to 32 bits and date (days) → number; 64-bit integers, time, timestamp and decimal
 * (unscaled) → bigint; float, double → number; varchar → string; blob and uuid (16 bytes, big-endian) → Uint8Array;
 * interval → IntervalValue; NULL of any type → null.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | IntervalValue;

export interface TypedValue {
  readonly type: DataType;
  readonly value: Value;
}
