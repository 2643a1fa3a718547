import { position } from "@headcut/plan";
import { isReserved, K, type Keyword, keywordTypes, Name } from "./keywords.ts";
import { symbolHints } from "./phrases.ts";
import { suggest } from "./suggest.ts";
import { EOF, isA, type Token, type TokenType } from "./token.ts";
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
  readonly tokens: readonly Token[];
  readonly at: number;
  readonly expected: string;
}

interface Hint {
  readonly hint: string | undefined;
  /** The guilty token, when it is not the one at which parsing stopped. */
  readonly place?: Token | undefined;
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

const is = (token: Token | undefined, ...types: readonly TokenType[]): boolean =>
  token !== undefined && types.some((type) => isA(token, type));

const word = (token: Token | undefined): string => token?.image.toUpperCase() ?? "";

const trailingComma: Recognise = ({ tokens, at }) => {
  if (!is(tokens[at - 1], Comma) || !is(tokens[at], RParen, EOF, ...clauseStarts)) return undefined;
  return {
    hint: `remove the comma${is(tokens[at], EOF) ? "" : ` before ${word(tokens[at])}`}`,
    place: tokens[at - 1],
  };
};

/** Every `(` that nothing has closed before `at`. */
const openParentheses = ({ tokens, at }: Mistake): Token[] => {
  const open: Token[] = [];
  for (const token of tokens.slice(0, at)) {
    if (token.tokenType === LParen) open.push(token);
    if (token.tokenType === RParen) open.pop();
  }
  return open;
};

const unbalanced: Recognise = (mistake) => {
  const token = mistake.tokens[mistake.at];
  const open = openParentheses(mistake).at(-1);
  if (is(token, RParen) && open === undefined) return "it closes no parenthesis";
  if (open === undefined || !is(token, EOF, ...clauseStarts)) return undefined;
  const { line, column } = position(mistake.sql, open.startOffset);
  return `the ( at line ${line}, column ${column} is never closed`;
};

const misspelt: Recognise = ({ tokens, at, expected }) => {
  const token = tokens[at];
  const previous = tokens[at - 1];
  const candidates = at === 0 ? STATEMENT_WORDS : [...expected.split(/[ ,]+/).filter(isKeyword), ...CLAUSE_WORDS];
  if (token?.tokenType === Identifier) {
    const keyword = suggest(token.image, candidates);
    if (keyword !== undefined) return `did you mean ${keyword}?`;
    if (at === 0)
      return "a statement begins with SELECT, FROM, WITH, VALUES, CREATE, INSERT, DROP, COPY, EXPLAIN or DESCRIBE";
  }
  // What was meant as a keyword may have been read as an alias.
  if (previous?.tokenType !== Identifier) return undefined;
  const keyword = suggest(previous.image, CLAUSE_WORDS);
  return keyword === undefined ? undefined : { hint: `did you mean ${keyword}?`, place: previous };
};

const isKeyword = (text: string): boolean => keywordTypes.has(text);

const foreignSymbol: Recognise = ({ tokens, at, expected }) => {
  const token = tokens[at];
  const previous = tokens[at - 1];
  if (is(token, QuotedIdentifier) && (/string|path/.test(expected) || TYPE_WORDS.has(word(previous)))) {
    return "double quotes are for names; a string is written in single quotes";
  }
  if (word(previous) === "TOP" && is(token, NumberLiteral)) return `write LIMIT ${token!.image} at the end`;
  if (is(previous, Equal) && is(token, Equal)) return "equality is written =";
  return symbolHints[word(token)];
};

const missingCondition: Recognise = ({ expected }) =>
  expected === "ON or USING" ? "a join of every row with every other is written CROSS JOIN" : undefined;

const reservedWord: Recognise = ({ tokens, at, expected }) => {
  const token = tokens[at]!;
  const next = tokens[at + 1];
  const previous = tokens[at - 1];
  if (is(tokens[at - 2], K.AS) && isReserved(word(previous))) {
    return `${word(previous)} was read as a name, since it follows AS`;
  }
  if (!isReserved(word(token)) || !/name|alias|expression/.test(expected)) return undefined;
  const isBegun = is(token, K.GROUP, K.ORDER) ? !is(next, K.BY) : !is(token, ...clauseStarts) && is(next, EOF);
  const isUsedAsName = isBegun || is(next, Comma, Dot, CompareOperator, ArithmeticOperator, K.FROM, K.AS);
  return isUsedAsName ? `${word(token)} is a reserved word; as a name it is written "${token.image}"` : undefined;
};

/** Two things in a row that something should separate. */
const missingSeparator: Recognise = (mistake) => {
  const { tokens, at, expected } = mistake;
  const token = tokens[at]!;
  const endsValue = is(tokens[at - 1], Name, NumberLiteral, StringLiteral, RParen);
  const startsValue = is(token, Name, NumberLiteral, StringLiteral, LParen, K.CASE, K.CAST, K.NULL);
  if (!endsValue || !startsValue || (expected !== "" && expected !== ")")) return undefined;
  const clause = clauseAt(mistake);
  if (clause === undefined || clause === K.LIMIT || clause === K.OFFSET) return undefined;
  const separator = clause === K.WHERE || clause === K.ON || clause === K.HAVING ? "AND" : "a comma";
  return `is ${separator} missing before ${token.image}?`;
};

/** The keyword or parenthesis that began the clause in which parsing stopped. */
const clauseAt = ({ tokens, at }: Mistake): TokenType | undefined => {
  let depth = 0;
  for (let index = at - 1; index >= 0; index--) {
    const { tokenType } = tokens[index]!;
    if (tokenType === RParen) depth += 1;
    if (tokenType === LParen) depth -= 1;
    if (depth < 0 || (depth === 0 && clauseStarts.includes(tokenType))) return tokenType;
  }
  return undefined;
};

/** In order: the surest first. */
const mistakes: readonly Recognise[] = [
  // Before the trailing comma: in `SELECT a, order, b` the comma is right.
  reservedWord,
  trailingComma,
  misspelt,
  foreignSymbol,
  missingCondition,
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
  ...(["TABLE", "MATERIALIZED", "INTERVAL"] as const),
];

const TYPE_WORDS = new Set(["DATE", "TIME", "TIMESTAMP", "INTERVAL"]);
