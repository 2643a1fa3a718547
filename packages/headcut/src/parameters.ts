import {
  blob,
  boolean,
  date,
  double,
  hugeint,
  int32,
  int64,
  nullType,
  QueryError,
  type TypedValue,
  timestamp,
  typeName,
  varchar,
} from "@headcut/plan";
import { isValueOf } from "./is-value-of.ts";

/**
 * What a query parameter may be in JavaScript. Its SQL type: null and undefined NULL; boolean BOOLEAN; string VARCHAR; Uint8Array
 * BLOB; bigint BIGINT, or HUGEINT where that is too narrow; whole number INTEGER, or BIGINT, other number DOUBLE; Date DATE at
 * midnight UTC, else TIMESTAMP. Where these do not fit, `{ type, value }` says it outright.
 */
export type Parameter = null | undefined | boolean | number | bigint | string | Date | Uint8Array | TypedValue;

/** By position, for `?` and `$1`; or by name, for `$name`, whose case does not matter. */
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

const INT32_LIMIT = 2 ** 31;
const INT64_LIMIT = 2n ** 63n;
const HUGEINT_LIMIT = 10n ** 38n;
const MILLIS_PER_DAY = 86_400_000;

/** The SQL value of each parameter, by position or name. Throws QueryError "invalid-argument". */
export const bindParameters = (parameters: Parameters): readonly TypedValue[] | Record<string, TypedValue> =>
  isList(parameters)
    ? Array.from(parameters, (value, index) => typedValue(value, `$${index + 1}`))
    : Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), typedValue(value, `$${name}`)]),
      );

const isList = (parameters: Parameters): parameters is readonly Parameter[] => Array.isArray(parameters);

const typedValue = (value: Parameter, name: string): TypedValue => {
  switch (typeof value) {
    case "undefined":
      return { type: nullType, value: null };
    case "boolean":
      return { type: boolean, value };
    case "string":
      return { type: varchar, value };
    case "bigint":
      return bigintValue(value, name);
    case "number":
      if (!Number.isInteger(value)) return { type: double, value };
      if (value >= -INT32_LIMIT && value < INT32_LIMIT) return { type: int32, value };
      return Number.isSafeInteger(value) ? { type: int64, value: BigInt(value) } : { type: double, value };
    case "object":
      return objectValue(value, name);
    default:
      throw unsuitable(value, name);
  }
};

const bigintValue = (value: bigint, name: string): TypedValue => {
  if (value >= -INT64_LIMIT && value < INT64_LIMIT) return { type: int64, value };
  if (value > -HUGEINT_LIMIT && value < HUGEINT_LIMIT) return { type: hugeint, value };
  throw new QueryError("invalid-argument", `parameter ${name} has more than 38 digits`);
};

const objectValue = (value: null | Date | Uint8Array | TypedValue, name: string): TypedValue => {
  if (value === null) return { type: nullType, value: null };
  if (value instanceof Uint8Array) return { type: blob, value };
  if (value instanceof Date) return dateValue(value, name);
  if (!("type" in value && "value" in value)) throw unsuitable(value, name);
  if (isValueOf(value.type, value.value)) return value;
  throw new QueryError("invalid-argument", `the value of parameter ${name} is no ${typeName(value.type)}`, {
    hint: "The API's documentation lists what the value of each type is in { type, value }.",
  });
};

/** Midnight UTC is a DATE, so that comparing with DATE columns keeps their type; any other instant a TIMESTAMP. */
const dateValue = (value: Date, name: string): TypedValue => {
  const millis = value.getTime();
  if (Number.isNaN(millis)) throw new QueryError("invalid-argument", `parameter ${name} is an invalid Date`);
  if (millis % MILLIS_PER_DAY === 0) return { type: date, value: millis / MILLIS_PER_DAY };
  return { type: timestamp, value: BigInt(millis) * 1000n };
};

const unsuitable = (value: unknown, name: string): QueryError => {
  const kind = Array.isArray(value) ? "array" : typeof value;
  return new QueryError("invalid-argument", `parameter ${name} is of the kind ${kind}, which has no SQL type`, {
    hint: "Pass null, a boolean, number, bigint, string, Date, Uint8Array, or { type, value }.",
  });
};
