import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";
import { connect } from "../connect.ts";
import type { Connection } from "../connection.ts";
import type { EngineCommandOptions } from "./command.ts";

/** A connection as the command line's options describe it. The caller closes it. */
export const openConnection = async (options: EngineCommandOptions): Promise<Connection> => {
  const connection = await connect({
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.memoryLimit !== undefined && { memoryLimitBytes: options.memoryLimit }),
  });
  try {
    if (options.data !== undefined) await registerFolder(connection, options.data);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return connection;
};

/** Makes every `NAME.parquet` and every folder `NAME` with Parquet files in it a table. */
export const registerFolder = async (connection: Connection, folder: string): Promise<void> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    throw new QueryError("io", `cannot read the folder ${folder}: ${cause.message}`, { cause });
  });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.endsWith(".parquet")) {
      await connection.register(entry.name.slice(0, -".parquet".length), path);
    } else if (entry.isDirectory() && (await readdir(path)).some((name) => name.endsWith(".parquet"))) {
      await connection.register(entry.name, join(path, "*.parquet"));
    }
  }
};
