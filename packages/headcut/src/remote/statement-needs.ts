import { referencedTables, type Statement } from "@headcut/planner";

/** What a statement does to the session of its connection. */
export interface StatementNeeds {
  /** Names of tables that it uses, as it writes them. */
  readonly names: readonly string[];
  /** It changes the session's tables: it must not be run twice. */
  readonly changes: boolean;
  /** It makes a table: there must be a session. */
  readonly makesTable: boolean;
}

export const statementNeeds = (statement: Statement): StatementNeeds => ({
  names: referencedTables(statement).flatMap((reference) =>
    reference.kind === "name" && isOwn(reference.parts) ? [reference.parts.at(-1)!] : [],
  ),
  changes: ["createTable", "createTableAs", "insert", "dropTable"].includes(statement.kind),
  makesTable: statement.kind === "createTable" || statement.kind === "createTableAs",
});

/** There is no schema but `main`. */
const isOwn = (parts: readonly string[]): boolean =>
  parts.length === 1 || (parts.length === 2 && parts[0]!.toLowerCase() === "main");

/** The name that DROP TABLE drops, if it is one that can be. */
export const droppedName = (statement: Extract<Statement, { kind: "dropTable" }>): string | undefined => {
  const parts = statement.name.parts.map(({ name }) => name);
  return isOwn(parts) ? parts.at(-1) : undefined;
};
