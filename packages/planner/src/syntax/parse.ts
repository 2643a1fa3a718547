import { QueryError } from "@headcut/plan";
import { tooDeep } from "./grammar/base-grammar.ts";
import { Mismatch } from "./grammar/parser.ts";
import { StatementGrammar } from "./grammar/statement-grammar.ts";
import { syntaxError } from "./syntax-error.ts";
import type { Token } from "./token.ts";
import { endToken, tokenize, tokenRange } from "./tokenize.ts";
import { Semicolon } from "./tokens.ts";
import type { Statement } from "./tree.ts";
import { checkDepth, MAX_DEPTH } from "./tree-depth.ts";

/**
 * The statements of a text, separated by semicolons; empty ones are skipped. Throws QueryError "syntax" for the first mistake and
 * "unsupported" for SQL that is known and refused; both have the range in `sql`.
 */
export const parse = (sql: string): Statement[] => {
  const tokens = tokenize(sql);
  const statements: Statement[] = [];
  let first = 0;
  for (let next = 0; next <= tokens.length; next++) {
    const token = tokens[next];
    if (token !== undefined && token.tokenType !== Semicolon) continue;
    const end = token === undefined ? endToken("", sql.length) : endToken(";", token.startOffset);
    if (next > first) statements.push(parseTokens(sql, tokens.slice(first, next), end));
    first = next + 1;
  }
  return statements;
};

/** The one statement of a text; a semicolon may end it. */
export const parseStatement = (sql: string): Statement => {
  const [statement, second] = parse(sql);
  if (statement === undefined) {
    throw new QueryError("syntax", "expected a statement, found nothing", { range: { start: 0, end: sql.length } });
  }
  if (second !== undefined) {
    throw new QueryError("syntax", "expected one statement, found a second", {
      range: second.range,
      hint: "run them one by one",
    });
  }
  return statement;
};

let parser: StatementGrammar | undefined;

const parseTokens = (sql: string, tokens: Token[], end: Token): Statement => {
  const statement = run(sql, [...tokens, end]);
  // Each level of a tree takes a token at least, or a third of one: `(SELECT 1)` is four levels.
  if (tokens.length * 3 > MAX_DEPTH) checkDepth(statement);
  return statement;
};

const run = (sql: string, tokens: Token[]): Statement => {
  parser ??= new StatementGrammar();
  try {
    return parser.parse(tokens);
  } catch (error) {
    if (error instanceof Mismatch) throw syntaxError(sql, tokens, error);
    // The grammar's own limit is lower, unless the caller's stack was nearly full already.
    if (error instanceof RangeError) throw tooDeep(tokenRange(tokens[0]!));
    throw error;
  }
};
