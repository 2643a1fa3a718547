import { assert } from "../query-error.ts";
import type { Codec } from "./codec.ts";
import { malformed } from "./place.ts";

export const text: Codec<string> = {
  encode: (value) => value,
  decode: (json, place) => {
    if (typeof json !== "string") throw malformed(place, "a text");
    return json;
  },
};

export const flag: Codec<boolean> = {
  encode: (value) => value,
  decode: (json, place) => {
    if (typeof json !== "boolean") throw malformed(place, "true or false");
    return json;
  },
};

export const integer = (min: number, max: number): Codec<number> => ({
  encode: (value) => {
    assert(Number.isInteger(value) && value >= min && value <= max, `${value} does not travel as an integer`);
    return value === 0 ? 0 : value;
  },
  decode: (json, place) => {
    if (typeof json !== "number" || !Number.isInteger(json) || json < min || json > max) {
      throw malformed(place, `a whole number from ${min} to ${max}`);
    }
    return json === 0 ? 0 : json;
  },
});

/** Sizes, numbers of rows, ids. */
export const natural = integer(0, Number.MAX_SAFE_INTEGER);

const NO_JSON_NUMBER: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** Any double; those that JSON lacks as a text. */
export const float: Codec<number> = {
  encode: (value) => {
    if (Object.is(value, -0)) return "-0";
    return Number.isFinite(value) ? value : String(value);
  },
  decode: (json, place) => {
    // JSON writes -0 as a number too; one value, one form.
    if (typeof json === "number" && Number.isFinite(json) && !Object.is(json, -0)) return json;
    const special = typeof json === "string" ? NO_JSON_NUMBER.get(json) : undefined;
    if (special === undefined) throw malformed(place, "a number");
    return special;
  },
};

/** The digits of a whole number of 128 bits: no longer text is ever converted, which would take quadratic time. */
const WHOLE_NUMBER = /^(?:0|-?[1-9][0-9]{0,38})$/;

export const bigInteger = (min: bigint, max: bigint): Codec<bigint> => ({
  encode: (value) => {
    assert(typeof value === "bigint" && value >= min && value <= max, `${value} does not travel as an integer`);
    return String(value);
  },
  decode: (json, place) => {
    const value = typeof json === "string" && WHOLE_NUMBER.test(json) ? BigInt(json) : undefined;
    if (value === undefined || value < min || value > max) {
      throw malformed(place, `the digits of a whole number from ${min} to ${max}`);
    }
    return value;
  },
});

/** Bytes as base64 (RFC 4648, section 4). */
export const bytes: Codec<Uint8Array> = {
  encode: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"),
  decode: (json, place) => {
    if (typeof json !== "string") throw malformed(place, "base64");
    const decoded = Buffer.from(json, "base64");
    // Node skips what is not base64 instead of refusing it.
    if (decoded.toString("base64") !== json) throw malformed(place, "base64");
    return new Uint8Array(decoded);
  },
};

/** One of some words. */
export const word = <T extends string>(...words: readonly T[]): Codec<T> => ({
  encode: (value) => value,
  decode: (json, place) => {
    const found = words.find((known) => known === json);
    if (found === undefined) throw malformed(place, `one of ${words.join(", ")}`);
    return found;
  },
});

/** As `word`, of a record's keys: a word that the record forgets is a compile error. */
export const keyOf = <T extends string>(words: Readonly<Record<T, true>>): Codec<T> =>
  word(...(Object.keys(words) as T[]));
