/** Stable codes: callers may switch on them; sentences may change. */
export type QueryErrorCode =
  | "syntax"
  | "unknown-table"
  | "unknown-column"
  | "ambiguous-column"
  | "unknown-function"
  | "type-mismatch"
  | "invalid-argument"
  | "already-exists"
  | "unsupported"
  | "overflow"
  | "conversion"
  | "too-many-rows"
  | "corrupt-file"
  | "io"
  | "out-of-memory"
  | "cancelled"
  | "timeout"
  | "closed";

/** A half-open range of UTF-16 offsets in the SQL text. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

export interface QueryErrorDetails {
  /** What the user could do about it, as a sentence. */
  readonly hint?: string;
  readonly range?: SourceRange;
  readonly cause?: unknown;
}

/**
 * A failure the user can act on: their SQL, their data, their limits, their network. Anything else that is thrown is
 * a bug of ours. `message` is the sentence alone; `describe(sql)` adds line, column, caret and hint.
 */
export class QueryError extends Error {
  readonly code: QueryErrorCode;
  readonly hint: string | undefined;
  readonly range: SourceRange | undefined;

  constructor(code: QueryErrorCode, message: string, details: QueryErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "QueryError";
    this.code = code;
    this.hint = details.hint;
    this.range = details.range;
  }

  /** The error for a terminal: sentence, the guilty line with a caret under the place, hint. */
  describe(sql?: string): string {
    const lines = [`${this.code}: ${this.message}`];
    if (sql !== undefined && this.range !== undefined) lines.push(...caret(sql, this.range));
    if (this.hint !== undefined) lines.push(`hint: ${this.hint}`);
    return lines.join("\n");
  }
}

/** One-based line and column of an offset. */
export const position = (sql: string, offset: number): { readonly line: number; readonly column: number } => {
  const before = sql.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
};

const caret = (sql: string, range: SourceRange): string[] => {
  const { line, column } = position(sql, range.start);
  const text = sql.split("\n")[line - 1] ?? "";
  const label = `line ${line}, column ${column}: `;
  const width = Math.max(1, Math.min(range.end - range.start, text.length - column + 1));
  return [label + text, " ".repeat(label.length + column - 1) + "^".repeat(width)];
};

/** A broken promise among our own parts: never the user's fault. */
export const assert: (condition: unknown, message: string) => asserts condition = (condition, message) => {
  if (!condition) throw new Error(`internal error: ${message}`);
};

/** The end of an exhaustive switch. */
export const unreachable = (value: never): never => {
  throw new Error(`internal error: unexpected ${JSON.stringify(value)}`);
};
