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
  varchar,
} from "@headcut/plan";

/** What a query parameter may be in JavaScript. */
export type Parameter = null | undefined | boolean | number | bigint | string | Date | Uint8Array | TypedValue;
export type Parameters = readonly Parameter[] | Readonly<Record<string, Parameter>>;

const INT32_LIMIT = 2 ** 31;
const INT64_LIMIT = 2n ** 63n;
const MILLIS_PER_DAY = 86_400_000;

/** The SQL value of each parameter, by position or name. Errors: invalid-argument. */
export const bindParameters = (parameters: Parameters = []): readonly TypedValue[] | Record<string, TypedValue> =>
  isList(parameters)
    ? parameters.map((value, index) => typedValue(value, `$${index + 1}`))
    : Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, typedValue(value, `$${name}`)]));

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
      return value >= -INT64_LIMIT && value < INT64_LIMIT ? { type: int64, value } : { type: hugeint, value };
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

const objectValue = (value: null | Date | Uint8Array | TypedValue, name: string): TypedValue => {
  if (value === null) return { type: nullType, value: null };
  if (value instanceof Uint8Array) return { type: blob, value };
  if (value instanceof Date) return dateValue(value, name);
  if ("type" in value && "value" in value) return value;
  throw unsuitable(value, name);
};

/** Midnight UTC is a DATE, so that comparing with DATE columns keeps their type; any other instant a TIMESTAMP. */
const dateValue = (value: Date, name: string): TypedValue => {
  const millis = value.getTime();
  if (Number.isNaN(millis)) throw new QueryError("invalid-argument", `parameter ${name} is an invalid Date`);
  if (millis % MILLIS_PER_DAY === 0) return { type: date, value: millis / MILLIS_PER_DAY };
  return { type: timestamp, value: BigInt(millis) * 1000n };
};

const unsuitable = (value: unknown, name: string): QueryError =>
  new QueryError("invalid-argument", `parameter ${name} cannot be a ${typeof value}`, {
    hint: "Pass null, a boolean, number, bigint, string, Date, Uint8Array, or { type, value }.",
  });
