import { type TokenType, tokenType } from "./token.ts";

/**
 * Words and where they may stand. Categories: `Label` after AS or a dot (every word), `Name` for a table, column or alias
 * (identifiers and the keywords that are not reserved), `FunctionName` before a parenthesis.
 */
export const Label = tokenType("Label");
export const FunctionName = tokenType("FunctionName", Label);
export const Name = tokenType("Name", FunctionName);

/** May not name a table or column without quotes. */
// biome-ignore format: a list of words
const RESERVED = [
  "ALL", "AND", "ANTI", "ANY", "ARRAY", "AS", "ASC", "ASOF", "AT", "BETWEEN", "BOTH", "BY", "CASE", "CAST", "CHECK",
  "COLLATE", "CREATE", "CROSS", "DEFAULT", "DESC", "DISTINCT", "ELSE", "END", "EXCEPT", "FALSE", "FETCH", "FOR", "FROM",
  "FULL", "GROUP", "HAVING", "ILIKE", "IN", "INNER", "INTERSECT", "INTO", "IS", "ISNULL", "JOIN", "LATERAL", "LEADING",
  "LIKE", "LIMIT", "NATURAL", "NOT", "NOTNULL", "NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER", "PIVOT", "POSITIONAL",
  "PRIMARY", "QUALIFY", "REFERENCES", "RETURNING", "SELECT", "SEMI", "SIMILAR", "SOME", "SYMMETRIC", "TABLE",
  "TABLESAMPLE", "THEN", "TO", "TRAILING", "TRUE", "TRY_CAST", "UNION", "UNIQUE", "UNPIVOT", "USING", "VALUES", "WHEN",
  "WHERE", "WINDOW", "WITH",
] as const;

/** Reserved too, but functions have these names. */
const RESERVED_FUNCTIONS = ["GLOB", "LEFT", "RIGHT"] as const;

/** Keywords by their place alone; anywhere else they are names. */
// biome-ignore format: a list of words
const UNRESERVED = [
  "ANALYZE", "COPY", "DESCRIBE", "DROP", "ESCAPE", "EXCLUDE", "EXISTS", "EXPLAIN", "EXTRACT", "FILTER", "FIRST", "FORMAT",
  "IF", "INSERT", "INTERVAL", "LAST", "MATERIALIZED", "NEXT", "NULLS", "ONLY", "OVER", "PERCENT", "POSITION",
  "PRECISION", "RECURSIVE", "REPLACE", "ROW", "ROWS", "SHOW", "SUBSTRING", "TABLES", "TEMP", "TEMPORARY",
  "TIES", "TIME", "TIMESTAMP", "TRIM", "UNKNOWN", "VARYING", "WITHIN", "WITHOUT", "ZONE",
] as const;

export type Keyword = (typeof RESERVED)[number] | (typeof RESERVED_FUNCTIONS)[number] | (typeof UNRESERVED)[number];

const keywordTokens = (words: readonly Keyword[], category: TokenType): [Keyword, TokenType][] =>
  words.map((word) => [word, tokenType(word, category)]);

/** Every keyword's token type, by its upper-case spelling. Lexing finds them by this table, not by patterns. */
export const K = Object.fromEntries([
  ...keywordTokens(RESERVED, Label),
  ...keywordTokens(RESERVED_FUNCTIONS, FunctionName),
  ...keywordTokens(UNRESERVED, Name),
]) as Readonly<Record<Keyword, TokenType>>;

export const keywordTypes: ReadonlyMap<string, TokenType> = new Map(Object.entries(K));

/** Whether the word, without quotes, cannot name a table or column. */
export const isReserved = (word: string): boolean => reserved.has(word.toUpperCase());
const reserved = new Set<string>([...RESERVED, ...RESERVED_FUNCTIONS]);
