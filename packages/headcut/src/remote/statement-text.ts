import { QueryError } from "@headcut/plan";
import type { Statement } from "@headcut/planner";
import type { StatementForm } from "../sessions/statement-ticket.ts";

/** A statement as it is sent: its own text, and what is wanted of it. */
export interface StatementText {
  readonly sql: string;
  readonly form: StatementForm;
  /** Where it begins in the text the user wrote. */
  readonly offset: number;
}

/** `sql`: the text that the statement's range is of. */
export const statementText = (statement: Statement, sql: string): StatementText => {
  const explained = statement.kind === "explain" ? statement.statement : statement;
  const { start, end } = explained.range;
  return { sql: sql.slice(start, end), form: formOf(statement), offset: start };
};

const formOf = (statement: Statement): StatementForm => {
  if (statement.kind === "copy") return { kind: "copiedRows" };
  if (statement.kind !== "explain") return { kind: "run" };
  const { analyze, format } = statement;
  return { kind: "explain", analyze, format };
};

/** The error with its place in the user's text. */
export const movedError = (error: unknown, offset: number): unknown => {
  if (!(error instanceof QueryError) || error.range === undefined || offset === 0) return error;
  const { code, message, hint, range, cause } = error;
  const moved = { start: range.start + offset, end: range.end + offset };
  return new QueryError(code, message, { range: moved, ...(hint !== undefined && { hint }), cause });
};
