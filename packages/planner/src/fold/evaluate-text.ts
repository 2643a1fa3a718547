import { QueryError, type Value } from "@headcut/plan";

type TextFunction = (...args: readonly Value[]) => Value;

/** Characters are code points. */
const chars = (value: Value | undefined): readonly string[] => [...(value as string)];
const text = (value: Value | undefined): string => value as string;
const number = (value: Value | undefined): number => Number(value as number | bigint);

/** `substring(x, start, length)`, positions from 1; see the catalogue for what lies outside. */
const substring = (characters: readonly string[], start: number, length: number | undefined): string => {
  const from = start < 0 ? characters.length + start : start - 1;
  const to = length === undefined ? characters.length : from + length;
  const [low, high] = to < from ? [to, from] : [from, to];
  return characters.slice(Math.max(low, 0), Math.max(high, 0)).join("");
};

/** Without leading or trailing characters of the set. */
const strip = (value: Value | undefined, set: Value | undefined, start: boolean, end: boolean): string => {
  const characters = chars(value);
  const unwanted = new Set(set === undefined ? [" "] : chars(set));
  let from = 0;
  let to = characters.length;
  while (start && from < to && unwanted.has(characters[from]!)) from++;
  while (end && to > from && unwanted.has(characters[to - 1]!)) to--;
  return characters.slice(from, to).join("");
};

const pad = (value: Value | undefined, length: number, fill: Value | undefined, atStart: boolean): string => {
  const characters = chars(value);
  if (length <= characters.length) return characters.slice(0, Math.max(length, 0)).join("");
  const filling = chars(fill);
  if (filling.length === 0) throw new QueryError("invalid-argument", "cannot pad with an empty string");
  const added = Array.from({ length: length - characters.length }, (_, i) => filling[i % filling.length]!).join("");
  return atStart ? added + text(value) : text(value) + added;
};

const codePoint = (value: Value | undefined, empty: number): number => text(value).codePointAt(0) ?? empty;

const character = (code: number): string => {
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new QueryError("invalid-argument", `${code} is no code point of a character`);
  }
  return String.fromCodePoint(code);
};

const position = (value: Value | undefined, part: Value | undefined): bigint => {
  const at = text(value).indexOf(text(part));
  return at < 0 ? 0n : BigInt([...text(value).slice(0, at)].length + 1);
};

/** Functions of the catalogue on strings whose arguments are not NULL. */
export const TEXT_EVALUATORS: Readonly<Record<string, TextFunction>> = {
  length: (x) => BigInt(chars(x).length),
  strlen: (x) => BigInt(Buffer.byteLength(text(x))),
  "||": (...args) =>
    args.every((arg) => typeof arg === "string") ? args.join("") : Buffer.concat(args as Uint8Array[]),
  substring: (x, start, length) =>
    substring(chars(x), number(start), length === undefined ? undefined : number(length)),
  left: (x, n) => {
    const characters = chars(x);
    return characters.slice(0, number(n) < 0 ? Math.max(characters.length + number(n), 0) : number(n)).join("");
  },
  right: (x, n) => {
    const characters = chars(x);
    const count = number(n) < 0 ? Math.max(characters.length + number(n), 0) : Math.min(number(n), characters.length);
    return characters.slice(characters.length - count).join("");
  },
  trim: (x, set) => strip(x, set, true, true),
  ltrim: (x, set) => strip(x, set, true, false),
  rtrim: (x, set) => strip(x, set, false, true),
  lpad: (x, n, fill) => pad(x, number(n), fill, true),
  rpad: (x, n, fill) => pad(x, number(n), fill, false),
  replace: (x, from, to) => (from === "" ? text(x) : text(x).split(text(from)).join(text(to))),
  reverse: (x) => chars(x).toReversed().join(""),
  strpos: position,
  starts_with: (x, part) => text(x).startsWith(text(part)),
  ends_with: (x, part) => text(x).endsWith(text(part)),
  contains: (x, part) => text(x).includes(text(part)),
  ascii: (x) => codePoint(x, 0),
  unicode: (x) => codePoint(x, -1),
  chr: (code) => character(number(code)),
};
