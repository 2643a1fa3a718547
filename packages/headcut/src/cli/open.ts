import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";
import { connect } from "../connect.ts";
import type { Connection } from "../connection.ts";
import { readSecurity } from "../node/read-security.ts";
import type { RunOptions } from "../statements/statement-context.ts";
import type { EngineCommandOptions } from "./engine-options.ts";

const OWN_ENGINE = [
  ["data", "--data"],
  ["threads", "--threads"],
  ["memory", "--memory"],
  ["tempDirectory", "--temp-directory"],
  ["tempLimit", "--temp-limit"],
] as const;

/** A connection as the command line's options describe it. The caller closes it. Throws QueryError. */
export const openConnection = async (options: EngineCommandOptions): Promise<Connection> => {
  const { connect: url, threads, data, memory, tempDirectory, tempLimit } = options;
  if (url !== undefined) {
    const misplaced = OWN_ENGINE.find(([name]) => options[name] !== undefined);
    if (misplaced === undefined) return connect(url, await readSecurity(options));
    throw new QueryError("invalid-argument", `${misplaced[1]} is about an engine of one's own, not about a cluster`);
  }
  const connection = await connect({
    ...(threads !== undefined && { threads }),
    ...(memory !== undefined && { memoryLimitBytes: memory }),
    ...(tempDirectory !== undefined && { spillDirectory: tempDirectory }),
    ...(tempLimit !== undefined && { spillLimitBytes: tempLimit }),
  });
  try {
    if (data !== undefined) await registerFolder(connection, data);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return connection;
};

/** What the command line's options allow each statement. */
export const limitsOf = ({ timeout, memoryLimit }: EngineCommandOptions): RunOptions => ({
  ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
  ...(memoryLimit !== undefined && { memoryLimitBytes: memoryLimit }),
});

const EXTENSION = /\.parquet$/i;

/** Makes every file `NAME.parquet`, and every folder `NAME` (or `NAME.parquet`) with Parquet files in it, a table. */
const registerFolder = async (connection: Connection, folder: string): Promise<void> => {
  for (const name of list(folder)) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    const table = name.replace(EXTENSION, "");
    if (table === "" || name.startsWith(".")) continue;
    if (stat?.isFile() && EXTENSION.test(name)) await connection.register(table, literal(path));
    else if (stat?.isDirectory() && list(path).some((entry) => /^[^.].*\.parquet$/.test(entry))) {
      await connection.register(table, join(literal(path), "*.parquet"));
    }
  }
};

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    throw new QueryError("io", `cannot read the folder ${folder}: ${(cause as Error).message}`, { cause });
  }
};

/** The path with characters that would make it a glob taken literally. */
const literal = (path: string): string => path.replace(/[*?[]/g, "[$&]");
