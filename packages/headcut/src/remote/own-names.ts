import { QueryError } from "@headcut/plan";
import type { RegisteredName } from "../sessions/statement-ticket.ts";

/** The names of one connection to a cluster that are its own. They compare without regard to case. */
export interface OwnNames {
  /** Those for files; they are sent with every statement. */
  registered(): readonly RegisteredName[];
  register(name: string, paths: readonly string[]): void;
  /** Forgets a name for files; false when there was none. */
  unregister(name: string): boolean;
  /** Those of tables in the session. */
  hasTable(name: string): boolean;
  addTable(name: string): void;
  /** False when there was none. */
  removeTable(name: string): boolean;
  /** What a node says of the session's tables; later news have a greater version. */
  heard(session: { readonly tables: readonly string[]; readonly version: number }): void;
  /** The session is gone, and its tables with it. */
  lose(reason: QueryError): void;
  /** The error for a statement that uses one of these names, when it was lost. */
  lossOf(names: readonly string[]): QueryError | undefined;
  /** Forgets a lost one; false when there was none. */
  forgetLost(name: string): boolean;
  /** All, sorted; lost ones are not among them. */
  all(): readonly string[];
}

export const ownNames = (): OwnNames => {
  const files = new Map<string, RegisteredName>();
  let tables = new Map<string, string>();
  let version = -1;
  const lost = new Map<string, QueryError>();
  const key = (name: string): string => name.toLowerCase();

  const addTable = (name: string): void => {
    tables.set(key(name), name);
    // CREATE OR REPLACE takes over a name for files; a table that was made anew is no longer lost.
    files.delete(key(name));
    lost.delete(key(name));
  };
  return {
    registered: () => [...files.values()],
    register: (name, paths) => {
      files.set(key(name), { name, paths });
      lost.delete(key(name));
    },
    unregister: (name) => files.delete(key(name)),
    hasTable: (name) => tables.has(key(name)),
    addTable,
    removeTable: (name) => tables.delete(key(name)),
    heard: (session) => {
      if (session.version < version) return;
      version = session.version;
      tables = new Map();
      for (const name of session.tables) addTable(name);
    },
    lose: (reason) => {
      for (const [folded, name] of tables) {
        lost.set(
          folded,
          new QueryError("closed", `table ${name} of this session was lost: ${reason.message}`, {
            cause: reason,
            hint: "Tables that statements make live on one node. Make the table again.",
          }),
        );
      }
      tables = new Map();
      version = -1;
    },
    lossOf: (names) => names.map((name) => lost.get(key(name))).find((loss) => loss !== undefined),
    forgetLost: (name) => lost.delete(key(name)),
    all: () => [...[...files.values()].map(({ name }) => name), ...tables.values()].sort(),
  };
};
