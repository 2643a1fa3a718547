import { QueryError, type SourceRange } from "@headcut/plan";
import type { Mismatch } from "./grammar/parser.ts";
import { keywordTypes } from "./keywords.ts";
import { type Mistake, mistakeHint } from "./mistake-hints.ts";
import { EOF, type Token } from "./token.ts";
import { tokenRange } from "./tokenize.ts";
import { Comma } from "./tokens.ts";

/** Statements of other databases, by their first word. */
const FOREIGN_STATEMENTS = new Set([
  ...[
    "ALTER",
    "ANALYZE",
    "ATTACH",
    "BEGIN",
    "CALL",
    "CHECKPOINT",
    "COMMENT",
    "COMMIT",
    "DEALLOCATE",
    "DELETE",
    "DETACH",
  ],
  ...[
    "EXECUTE",
    "EXPORT",
    "GRANT",
    "IMPORT",
    "INSTALL",
    "LOAD",
    "MERGE",
    "PIVOT",
    "PRAGMA",
    "PREPARE",
    "RESET",
    "REVOKE",
  ],
  ...["ROLLBACK", "SET", "START", "SUMMARIZE", "TRUNCATE", "UNPIVOT", "UPDATE", "USE", "VACUUM"],
]);

/**
 * The parser's complaint about a token as an error for people: what was expected after what, what was found, and a hint where the mistake
 * is a common one. `tokens` are the statement's, its end token included.
 */
export const syntaxError = (sql: string, tokens: readonly Token[], complaint: Mismatch): QueryError => {
  const at = Math.max(0, tokens.indexOf(complaint.token));
  const token = tokens[at]!;
  const previous = tokens[at - 1];
  if (previous === undefined && FOREIGN_STATEMENTS.has(token.image.toUpperCase())) {
    return new QueryError("unsupported", `${token.image.toUpperCase()} is not supported`, { range: tokenRange(token) });
  }
  const mistake: Mistake = { sql, tokens, at, expected: complaint.expected };
  const { hint, place } = mistakeHint(mistake);
  const after = previous === undefined ? "" : ` after ${describe(previous)}`;
  const sentence =
    mistake.expected === ""
      ? `unexpected ${describe(token).replace("the comma", "comma")}${after}`
      : `expected ${mistake.expected}${after}, found ${describe(token)}`;
  return new QueryError("syntax", sentence, {
    range: place === undefined ? rangeOf(token, previous) : tokenRange(place),
    ...(hint === undefined ? {} : { hint }),
  });
};

/** The end of the text is shown right behind the last word, not behind the blank lines that may follow. */
const rangeOf = (token: Token, previous: Token | undefined): SourceRange => {
  if (token.tokenType !== EOF || token.image !== "" || previous === undefined) return tokenRange(token);
  const { end } = tokenRange(previous);
  return { start: end, end };
};

const describe = (token: Token): string => {
  if (token.tokenType === EOF) return "the end of the statement";
  if (token.tokenType === Comma) return "the comma";
  if (keywordTypes.has(token.image.toUpperCase())) return token.image.toUpperCase();
  const line = token.image.replaceAll(/\s+/g, " ");
  return line.length <= 30 ? line : `${line.slice(0, 29)}…`;
};
