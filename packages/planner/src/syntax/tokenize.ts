import { QueryError, type SourceRange } from "@headcut/plan";
import { EOF, type IToken, Lexer, type TokenType } from "chevrotain";
import { keywordTypes } from "./keywords.ts";
import {
  Identifier,
  lexicon,
  OpenComment,
  OpenDollarString,
  OpenIdentifier,
  OpenString,
  QuotedIdentifier,
  RadixNumber,
} from "./tokens.ts";

export const tokenRange = (token: IToken): SourceRange => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length,
});

/** Whether the token has the type or belongs to the category. */
export const isA = (token: IToken, type: TokenType): boolean =>
  token.tokenTypeIdx === type.tokenTypeIdx || type.categoryMatchesMap?.[token.tokenTypeIdx] === true;

/** A token of type EOF with a real place: the end of the text, or a semicolon that ends a statement. */
export const endToken = (image: string, startOffset: number): IToken =>
  ({ image, startOffset, tokenType: EOF, tokenTypeIdx: EOF.tokenTypeIdx! }) as IToken;

const lexer = new Lexer(lexicon, { positionTracking: "onlyOffset", skipValidations: true, ensureOptimizations: false });

/**
 * The text's tokens without spaces and comments; keywords have the types of `K`.
 * Throws QueryError "syntax" for what is opened and never closed, and for characters SQL does not have.
 */
export const tokenize = (sql: string): IToken[] => {
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
  readonly tokens: IToken[];
  /** The token that opens a string, quoted name or comment and never closes it; always the last one. */
  readonly unclosed: IToken | undefined;
  /** The first run of characters that begin no token. */
  readonly strange: SourceRange | undefined;
}

/** The tokens of any text, right or wrong. */
export const scan = (sql: string): Scan => {
  const { tokens, errors } = lexer.tokenize(sql);
  for (const token of tokens) {
    if (token.tokenType !== Identifier || !/^[A-Za-z_]+$/.test(token.image)) continue;
    const keyword = keywordTypes.get(token.image.toUpperCase());
    if (keyword !== undefined) retype(token, keyword);
  }
  const last = tokens.at(-1);
  const error = errors[0];
  return {
    tokens,
    unclosed: last !== undefined && unclosedKinds.has(last.tokenType) ? last : undefined,
    strange: error === undefined ? undefined : { start: error.offset, end: error.offset + error.length },
  };
};

const retype = (token: IToken, type: TokenType): void => {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx!;
};

const unclosedKinds = new Map<TokenType, { readonly what: string; readonly close: string }>([
  [OpenString, { what: "string", close: "'" }],
  [OpenIdentifier, { what: "quoted name", close: '"' }],
  [OpenComment, { what: "comment", close: "*/" }],
  [OpenDollarString, { what: "dollar-quoted string", close: "the tag that opened it" }],
]);

const unclosedError = (sql: string, token: IToken): QueryError => {
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
