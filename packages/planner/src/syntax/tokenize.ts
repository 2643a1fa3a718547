import { QueryError, type SourceRange } from "@headcut/plan";
import { keywordTypes } from "./keywords.ts";
import { EOF, type Token, type TokenType } from "./token.ts";
import {
  Identifier,
  lexicon,
  OpenComment,
  OpenDollarString,
  OpenIdentifier,
  OpenString,
  type Pattern,
  QuotedIdentifier,
  RadixNumber,
} from "./tokens.ts";

export const tokenRange = (token: Token): SourceRange => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length,
});

/** A token of type EOF with a real place: the end of the text, or a semicolon that ends a statement. */
export const endToken = (image: string, startOffset: number): Token => ({ image, startOffset, tokenType: EOF });

const ASCII = 128;

/** The patterns to try by the first character, ASCII by its code; in the last place those for all others. */
const byStart: readonly (readonly Pattern[])[] = Array.from({ length: ASCII + 1 }, (_, code) =>
  lexicon.filter(({ starts, beyondAscii }) =>
    code === ASCII ? beyondAscii : starts.includes(String.fromCharCode(code)),
  ),
);

/**
 * The text's tokens without spaces and comments; keywords have the types of `K`.
 * Throws QueryError "syntax" for what is opened and never closed, and for characters SQL does not have.
 */
export const tokenize = (sql: string): Token[] => {
  const { tokens, unclosed, strange } = scan(sql);
  if (strange !== undefined && (unclosed === undefined || strange.start < unclosed.startOffset)) {
    throw strangeCharacter(sql, strange);
  }
  if (unclosed !== undefined) throw unclosedError(sql, unclosed);
  for (const token of tokens) {
    if (token.tokenType === RadixNumber) {
      throw new QueryError("unsupported", `the number ${token.image} is not decimal: only decimal numbers are read`, {
        range: tokenRange(token),
      });
    }
    if (token.tokenType === QuotedIdentifier && token.image === '""') {
      throw new QueryError("syntax", "a quoted name must not be empty", {
        range: tokenRange(token),
        hint: "an empty string is written ''",
      });
    }
  }
  return tokens;
};

export interface Scan {
  readonly tokens: Token[];
  /** The token that opens a string, quoted name or comment and never closes it; always the last one. */
  readonly unclosed: Token | undefined;
  /** The first run of characters that begin no token. */
  readonly strange: SourceRange | undefined;
}

/** The tokens of any text, right or wrong. */
export const scan = (sql: string): Scan => {
  const tokens: Token[] = [];
  let strange: SourceRange | undefined;
  for (let offset = 0; offset < sql.length; ) {
    const found = findToken(sql, offset);
    if (found === undefined) {
      if (strange === undefined) strange = { start: offset, end: offset + 1 };
      else if (strange.end === offset) strange = { start: strange.start, end: offset + 1 };
      offset++;
      continue;
    }
    const { type, length } = found;
    if (type !== undefined) {
      const image = sql.slice(offset, offset + length);
      tokens.push({ image, startOffset: offset, tokenType: type === Identifier ? wordType(image) : type });
    }
    offset += length;
  }
  const last = tokens.at(-1);
  return { tokens, unclosed: last !== undefined && unclosedKinds.has(last.tokenType) ? last : undefined, strange };
};

/** What begins at the offset; without a type what is skipped. */
const findToken = (
  sql: string,
  offset: number,
): { readonly type: TokenType | undefined; readonly length: number } | undefined => {
  for (const { type, match } of byStart[Math.min(sql.charCodeAt(offset), ASCII)]!) {
    const length = match(sql, offset);
    if (length > 0) return { type, length };
  }
  return undefined;
};

const wordType = (image: string): TokenType =>
  /^[A-Za-z_]+$/.test(image) ? (keywordTypes.get(image.toUpperCase()) ?? Identifier) : Identifier;

const unclosedKinds = new Map<TokenType, { readonly what: string; readonly close: string }>([
  [OpenString, { what: "string", close: "'" }],
  [OpenIdentifier, { what: "quoted name", close: '"' }],
  [OpenComment, { what: "comment", close: "*/" }],
  [OpenDollarString, { what: "dollar-quoted string", close: "the tag that opened it" }],
]);

const unclosedError = (sql: string, token: Token): QueryError => {
  const { what, close } = unclosedKinds.get(token.tokenType)!;
  const lineEnd = sql.indexOf("\n", token.startOffset);
  const end = lineEnd < 0 ? sql.length : lineEnd;
  return new QueryError("syntax", `the ${what} that begins here is never closed`, {
    range: { start: token.startOffset, end },
    hint: what === "string" ? "close it with '; a quote inside a string is doubled: ''" : `close it with ${close}`,
  });
};

const strangeCharacter = (sql: string, range: SourceRange): QueryError => {
  const character = String.fromCodePoint(sql.codePointAt(range.start)!);
  const end = range.start + character.length;
  const hint = /[\u2018-\u201B]/.test(character)
    ? "typographic quotes are not quotes in SQL: write '"
    : /[\u201C-\u201F]/.test(character)
      ? "typographic quotes are not quotes in SQL: write ' for a string or \" for a name"
      : undefined;
  return new QueryError("syntax", `unexpected character ${printable(character)}`, {
    range: { start: range.start, end },
    ...(hint === undefined ? {} : { hint }),
  });
};

const printable = (character: string): string =>
  /\p{C}/u.test(character) ? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}` : character;
