import { FunctionName, keywordTypes, Label, Name } from "./keywords.ts";
import { EOF, type TokenType } from "./token.ts";
import { Comma, Dot, LParen, NumberLiteral, RParen, StringLiteral } from "./tokens.ts";

/** For symbols that other languages and dialects have. */
export const symbolHints: Readonly<Record<string, string>> = {
  "=>": "greater or equal is written >=",
  "&&": "conditions are joined with AND",
  "!": "negation is written NOT",
  "`": 'names are quoted with "',
  "~": "regexp_matches(text, pattern) finds a pattern",
};

const symbols = new Map<TokenType, string>([
  [EOF, ""],
  [RParen, ")"],
  [LParen, "("],
  [Comma, "a comma"],
  [Dot, "a dot"],
  [Name, "a name"],
  [Label, "a name"],
  [FunctionName, "a function"],
  [NumberLiteral, "a number"],
  [StringLiteral, "a string"],
]);

/** A kind of token in the sentence "expected …"; empty: nothing more. */
export const phraseOf = (type: TokenType): string =>
  symbols.get(type) ?? (keywordTypes.has(type.name) ? type.name : type.name.toLowerCase());
