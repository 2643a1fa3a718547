import { QueryError } from "@headcut/plan";
import type { Token } from "./token.ts";
import { tokenRange } from "./tokenize.ts";
import { DollarString, EscapeString } from "./tokens.ts";

/** What a string token stands for, whichever way it is quoted. */
export const stringValue = (token: Token): string => {
  if (token.tokenType === EscapeString) return resolveEscapes(token);
  if (token.tokenType === DollarString) {
    const tagLength = token.image.indexOf("$", 1) + 1;
    return token.image.slice(tagLength, -tagLength);
  }
  return token.image.slice(1, -1).replaceAll("''", "'");
};

/** A name without its quotes. */
export const nameValue = (image: string): string =>
  image.startsWith('"') ? image.slice(1, -1).replaceAll('""', '"') : image;

const ESCAPE = /''|\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[\s\S])/g;
const CONTROLS: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** E'…': C-style escapes, as PostgreSQL defines them (§4.1.2.2); a backslash before any other character is dropped. */
const resolveEscapes = (token: Token): string =>
  token.image.slice(2, -1).replace(ESCAPE, (sequence, at: number) => {
    if (sequence === "''") return "'";
    const letter = sequence[1]!;
    const rest = sequence.slice(2);
    if (/[0-7]/.test(letter)) return character(token, at, sequence, Number.parseInt(sequence.slice(1), 8));
    if (rest !== "" || /[xuU]/.test(letter)) return character(token, at, sequence, Number.parseInt(rest, 16));
    return CONTROLS[letter] ?? letter;
  });

const character = (token: Token, at: number, sequence: string, codePoint: number): string => {
  if (codePoint > 0 && codePoint <= 0x10ffff) return String.fromCodePoint(codePoint);
  const start = token.startOffset + 2 + at;
  throw new QueryError("syntax", `${sequence} in this string is not a character`, {
    range: { start, end: start + sequence.length },
  });
};

/** The bytes of x'0aFF'. */
export const blobValue = (token: Token): Uint8Array => {
  const digits = token.image.slice(2, -1);
  if (!/^[0-9A-Fa-f]*$/.test(digits) || digits.length % 2 === 1) {
    throw new QueryError("syntax", "x'…' holds pairs of hexadecimal digits only", { range: tokenRange(token) });
  }
  return new Uint8Array(Buffer.from(digits, "hex"));
};
