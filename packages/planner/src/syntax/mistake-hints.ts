import { position } from "@headcut/plan";
import { EOF, type IToken, type TokenType } from "chevrotain";
import { K, type Keyword, keywordTypes, Name } from "./keywords.ts";
import { suggest } from "./suggest.ts";
import {
  ArithmeticOperator,
  Comma,
  CompareOperator,
  Dot,
  Equal,
  Identifier,
  LParen,
  NumberLiteral,
  QuotedIdentifier,
  RParen,
  StringLiteral,
} from "./tokens.ts";

/** Where parsing stopped: at `tokens[at]`, expecting `expected` (empty: nothing more). */
export interface Mistake {
  readonly sql: string;
  readonly tokens: readonly IToken[];
  readonly at: number;
  readonly expected: string;
}

interface Hint {
  readonly hint: string | undefined;
  /** The guilty token, when it is not the one at which parsing stopped. */
  readonly place?: IToken | undefined;
}

/** What the user probably meant: the first of the common mistakes that fits. */
export const mistakeHint = (mistake: Mistake): Hint => {
  for (const recognise of mistakes) {
    const found = recognise(mistake);
    if (found !== undefined) return typeof found === "string" ? { hint: found } : found;
  }
  return { hint: undefined };
};

type Recognise = (mistake: Mistake) => string | Hint | undefined;

const isA = (token: IToken | undefined, ...types: readonly TokenType[]): boolean =>
  token !== undefined &&
  types.some((type) => token.tokenType === type || type.categoryMatchesMap?.[token.tokenTypeIdx!]);

const word = (token: IToken | undefined): string => token?.image.toUpperCase() ?? "";

const trailingComma: Recognise = ({ tokens, at }) => {
  if (!isA(tokens[at - 1], Comma) || !isA(tokens[at], RParen, EOF, ...clauseStarts)) return undefined;
  return {
    hint: `remove the comma${isA(tokens[at], EOF) ? "" : ` before ${word(tokens[at])}`}`,
    place: tokens[at - 1],
  };
};

/** Every `(` that nothing has closed before `at`. */
const openParentheses = ({ tokens, at }: Mistake): IToken[] => {
  const open: IToken[] = [];
  for (const token of tokens.slice(0, at)) {
    if (token.tokenType === LParen) open.push(token);
    if (token.tokenType === RParen) open.pop();
  }
  return open;
};

const unbalanced: Recognise = (mistake) => {
  const token = mistake.tokens[mistake.at];
  const open = openParentheses(mistake).at(-1);
  if (isA(token, RParen) && open === undefined) return "it closes no parenthesis";
  if (!isA(token, EOF) || open === undefined) return undefined;
  const { line, column } = position(mistake.sql, open.startOffset);
  return `the ( at line ${line}, column ${column} is never closed`;
};

const misspelt: Recognise = ({ tokens, at, expected }) => {
  const candidates = at === 0 ? STATEMENT_WORDS : [...expected.split(/[ ,]+/).filter(isKeyword), ...CLAUSE_WORDS];
  for (const place of [tokens[at], tokens[at - 1]]) {
    if (place?.tokenType !== Identifier) continue;
    const keyword = suggest(place.image, candidates);
    if (keyword !== undefined) return { hint: `did you mean ${keyword}?`, place };
  }
  return undefined;
};

const isKeyword = (text: string): boolean => keywordTypes.has(text);

const foreignSymbol: Recognise = ({ tokens, at, expected }) => {
  const token = tokens[at];
  const previous = tokens[at - 1];
  if (isA(token, QuotedIdentifier) && (/string|path/.test(expected) || TYPE_WORDS.has(word(previous)))) {
    return "double quotes are for names; a string is written in single quotes";
  }
  if (word(previous) === "TOP" && isA(token, NumberLiteral)) return `write LIMIT ${token!.image} at the end`;
  if (isA(previous, Equal) && isA(token, Equal)) return "equality is written =";
  return SYMBOLS[word(token)];
};

const missingCondition: Recognise = ({ expected }) =>
  expected === "ON or USING" ? "a join of every row with every other is written CROSS JOIN" : undefined;

const reservedWord: Recognise = ({ tokens, at, expected }) => {
  const token = tokens[at]!;
  const isWord = keywordTypes.has(word(token)) && !isA(token, Name);
  const isUsedAsName = isA(tokens[at + 1], Comma, Dot, CompareOperator, ArithmeticOperator, K.FROM, K.AS);
  if (!isWord || !isUsedAsName || !/name|alias|expression/.test(expected)) return undefined;
  return `${word(token)} is a reserved word; as a name it is written "${token.image}"`;
};

/** Two things in a row that something should separate. */
const missingSeparator: Recognise = (mistake) => {
  const { tokens, at, expected } = mistake;
  const token = tokens[at]!;
  const endsValue = isA(tokens[at - 1], Name, NumberLiteral, StringLiteral, RParen);
  const startsValue = isA(token, Name, NumberLiteral, StringLiteral, LParen, K.CASE, K.CAST, K.NULL);
  if (!endsValue || !startsValue || (expected !== "" && expected !== ")")) return undefined;
  switch (clauseAt(mistake)) {
    case K.WHERE:
    case K.ON:
    case K.HAVING:
      return `is AND missing before ${token.image}?`;
    case K.LIMIT:
    case K.OFFSET:
      return undefined;
    default:
      return `is a comma missing before ${token.image}?`;
  }
};

/** The keyword that began the clause in which parsing stopped; inside parentheses none. */
const clauseAt = ({ tokens, at }: Mistake): TokenType | undefined => {
  let depth = 0;
  for (let index = at - 1; index >= 0; index--) {
    const { tokenType } = tokens[index]!;
    if (tokenType === RParen) depth += 1;
    if (tokenType === LParen) depth -= 1;
    if (depth < 0) return undefined;
    if (depth === 0 && clauseStarts.includes(tokenType)) return tokenType;
  }
  return undefined;
};

/** In order: the surest first. */
const mistakes: readonly Recognise[] = [
  trailingComma,
  misspelt,
  foreignSymbol,
  missingCondition,
  reservedWord,
  unbalanced,
  missingSeparator,
];

const clauseStarts = [
  ...[K.SELECT, K.FROM, K.ON, K.WHERE, K.GROUP, K.HAVING, K.ORDER, K.LIMIT, K.OFFSET, K.UNION, K.INTERSECT, K.EXCEPT],
  ...[K.VALUES],
];

const STATEMENT_WORDS: readonly Keyword[] = [
  ...(["SELECT", "WITH", "FROM", "VALUES", "EXPLAIN", "DESCRIBE", "SHOW", "CREATE", "DROP", "INSERT", "COPY"] as const),
];

const CLAUSE_WORDS: readonly Keyword[] = [
  ...([
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
  ] as const),
  ...(["FULL", "OUTER", "CROSS", "NATURAL", "USING", "UNION", "INTERSECT", "EXCEPT", "AND", "NOT", "LIKE"] as const),
  ...(["BETWEEN", "NULL", "WHEN", "THEN", "ELSE", "END", "DISTINCT", "VALUES", "EXISTS", "DESC", "NULLS"] as const),
  ...(["TABLE", "INTO", "MATERIALIZED", "INTERVAL"] as const),
];

const TYPE_WORDS = new Set(["DATE", "TIME", "TIMESTAMP", "INTERVAL"]);

const SYMBOLS: Readonly<Record<string, string>> = {
  "&&": "conditions are joined with AND",
  "!": "negation is written NOT",
  "`": 'names are quoted with "',
  "[": "lists are not supported",
};
