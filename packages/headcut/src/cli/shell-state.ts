import type { Connection } from "../connection.ts";
import type { OutputFormatName } from "../output/format.ts";

/** What dot commands can change, and what they need to do their work. */
export interface Shell {
  readonly connection: Connection;
  readonly print: (text: string) => Promise<void>;
  /** Runs statements and prints their results; reports what a user can act on, throws the rest. */
  readonly runSql: (sql: string) => Promise<void>;
  format: OutputFormatName;
  timing: boolean;
}
