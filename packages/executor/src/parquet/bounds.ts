import { type DataType, integerLayout, isInteger, type Value } from "@headcut/plan";
import type { Statistics } from "./format.ts";
import type { FlatColumn } from "./schema.ts";

/**
 * A bound in a form that compares as SQL does: integers of up to 32 bits, dates, floats and booleans as numbers; wider
 * integers, times, timestamps and unscaled decimals as bigints; strings, blobs and uuids as bytes.
 */
export type Bound = number | bigint | Uint8Array;

/** Smallest and largest value; one that is not known, or not to be trusted, is absent. Never too narrow. */
export interface Bounds {
  readonly min: Bound | undefined;
  readonly max: Bound | undefined;
}

const UNKNOWN: Bounds = { min: undefined, max: undefined };

export const compareBounds = (a: Bound, b: Bound): number => {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
};

/**
 * The bounds a chunk's or page's statistics give. `typeDefinedOrder` is what the footer says about the column's order
 * (undefined: nothing, which we take for the type's own, the only one there was before the footer could say).
 * The deprecated fields compare as signed, so they only serve types whose order that is.
 */
export const statisticsBounds = (
  statistics: Statistics,
  column: FlatColumn,
  typeDefinedOrder: boolean | undefined,
): Bounds => {
  const current = statistics.min !== undefined || statistics.max !== undefined;
  if (current && typeDefinedOrder === false) return UNKNOWN;
  if (!current && !hasSignedOrder(column)) return UNKNOWN;
  return current
    ? decodeBounds(statistics.min, statistics.max, column)
    : decodeBounds(statistics.legacyMin, statistics.legacyMax, column);
};

/** Decodes PLAIN-encoded bounds; contradictory or malformed ones are dropped. */
export const decodeBounds = (
  minBytes: Uint8Array | undefined,
  maxBytes: Uint8Array | undefined,
  column: FlatColumn,
): Bounds => {
  const min = minBytes && decodeBound(minBytes, column);
  const max = maxBytes && decodeBound(maxBytes, column);
  if (min !== undefined && max !== undefined && compareBounds(min, max) > 0) return UNKNOWN;
  // NaN is greater than every number in SQL and left out of the bounds in Parquet, so nothing bounds floats from above.
  return isFloat(column.type) ? { min, max: undefined } : { min, max };
};

const isFloat = (type: DataType): boolean => type.kind === "float" || type.kind === "double";

const hasSignedOrder = (column: FlatColumn): boolean => {
  const { type, physical } = column;
  if (physical === "BYTE_ARRAY" || physical === "FIXED_LEN_BYTE_ARRAY" || physical === "INT96") return false;
  return !isInteger(type) || integerLayout(type.kind).signed;
};

const decodeBound = (bytes: Uint8Array, column: FlatColumn): Bound | undefined => {
  const { type } = column;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (column.physical) {
    case "BOOLEAN":
      return bytes.length === 1 && bytes[0]! <= 1 ? bytes[0] : undefined;
    case "INT32":
      return bytes.length === 4 ? int32Bound(view, column) : undefined;
    case "INT64":
      if (bytes.length !== 8) return undefined;
      if (type.kind === "uint64") return view.getBigUint64(0, true);
      return view.getBigInt64(0, true) * BigInt(column.timeFactor);
    case "FLOAT":
      return bytes.length === 4 ? floatBound(view.getFloat32(0, true)) : undefined;
    case "DOUBLE":
      return bytes.length === 8 ? floatBound(view.getFloat64(0, true)) : undefined;
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
      return byteBound(bytes, column);
    case "INT96":
      return undefined;
  }
};

const int32Bound = (view: DataView, column: FlatColumn): Bound | undefined => {
  const { type } = column;
  if (type.kind === "decimal" || type.kind === "time")
    return BigInt(view.getInt32(0, true)) * BigInt(column.timeFactor);
  if (type.kind === "uint32") return view.getUint32(0, true);
  const value = view.getInt32(0, true);
  if (!isInteger(type)) return value;
  const { bits, signed } = integerLayout(type.kind);
  const low = signed ? -(2 ** (bits - 1)) : 0;
  return value >= low && value < low + 2 ** bits ? value : undefined;
};

/** Zero may be of either sign, whatever the writer noted; our comparisons do not tell them apart. */
const floatBound = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value + 0);

const byteBound = (bytes: Uint8Array, column: FlatColumn): Bound | undefined => {
  switch (column.type.kind) {
    case "varchar":
    case "blob":
      return bytes;
    case "uuid":
      return bytes.length === 16 ? bytes : undefined;
    case "decimal":
      return bytes.length > 0 && bytes.length <= 32 ? bigEndian(bytes) : undefined;
    default:
      return undefined;
  }
};

/** A two's complement number, most significant byte first. */
export const bigEndian = (bytes: Uint8Array): bigint => {
  let value = BigInt((bytes[0]! << 24) >> 24);
  for (let i = 1; i < bytes.length; i++) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bound as a plan's value; undefined if it has none (a string bound cut inside a character). */
export const boundValue = (bound: Bound | undefined, type: DataType): Value | undefined => {
  if (bound === undefined) return undefined;
  if (type.kind === "boolean") return bound === 1;
  if (type.kind !== "varchar") return bound;
  try {
    return utf8.decode(bound as Uint8Array);
  } catch {
    return undefined;
  }
};
