import { EOF, type IParserErrorMessageProvider, type TokenType } from "chevrotain";
import { FunctionName, keywordTypes, Label, Name } from "./keywords.ts";
import { Comma, Dot, LParen, NumberLiteral, RParen, StringLiteral } from "./tokens.ts";

/**
 * What chevrotain's errors carry as their message: only what was expected (`a table name`). `syntaxError` makes the sentence.
 * The empty phrase says that nothing more was expected.
 */
export const phrases: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => phraseOf(expected),
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? "an expression",
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? "an expression",
  buildNotAllInputParsedMessage: () => "",
};

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

const phraseOf = (type: TokenType): string =>
  symbols.get(type) ?? (keywordTypes.has(type.name) ? type.name : type.name.toLowerCase());
