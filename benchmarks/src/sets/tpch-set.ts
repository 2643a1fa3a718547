import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  compareAnswers,
  generate,
  queryText,
  storedAnswers,
  tableGlobs,
  tableNames,
  validationParameters,
} from "@headcut/tpch";
import { quote, withDuckDB } from "../engines/duckdb-engine.ts";
import type { QuerySet, Writer } from "./query-set.ts";

export interface TpchSetOptions {
  readonly scaleFactor: number;
  /** Numbers of queries. */
  readonly queries: readonly number[];
  /** Default `.data/tpch-sfN`; generated if it does not exist. */
  readonly directory?: string | undefined;
  readonly writer: Writer;
}

/** The queries of TPC-H with their validation parameters, and the data, which is made if it is missing. */
export const openTpchSet = async (options: TpchSetOptions): Promise<QuerySet> => {
  const { scaleFactor, queries, writer } = options;
  const directory = resolve(options.directory ?? join(".data", `tpch-sf${scaleFactor}`));
  const tables = await provideTables(scaleFactor, directory, options.directory !== undefined);
  const answers = await storedAnswers(scaleFactor);
  return {
    name: `tpch-sf${scaleFactor}`,
    writer,
    data: {
      tables: writer === "headcut" ? tables : await rewriteTables(tables, `${directory}-duckdb`),
      nativePath: `${directory}-native.duckdb`,
    },
    queries: queries.map((number) => {
      const stored = answers?.get(number);
      return {
        name: `Q${number}`,
        sql: queryText(number, validationParameters(number, scaleFactor)),
        ...(stored !== undefined && { stored }),
        compare: (expected, rows) => compareAnswers(number, expected, rows),
      };
    }),
  };
};

/** Files made elsewhere are taken as they are when the user names their folder. */
const provideTables = async (
  scaleFactor: number,
  directory: string,
  named: boolean,
): Promise<Readonly<Record<string, string>>> => {
  if (named && existsSync(join(directory, "lineitem.parquet"))) return singleFiles(directory);
  if (!(named && existsSync(join(directory, "lineitem")))) {
    if (!existsSync(directory)) process.stderr.write(`data: generating TPC-H at scale factor ${scaleFactor} …\n`);
    await generate({ scaleFactor, directory });
  }
  return tableGlobs(directory);
};

const singleFiles = (directory: string): Record<string, string> =>
  Object.fromEntries(tableNames.map((table) => [table, join(directory, `${table}.parquet`)]));

/** The same rows in the same order, one file per table as DuckDB writes it by default (snappy). */
const rewriteTables = async (
  tables: Readonly<Record<string, string>>,
  directory: string,
): Promise<Readonly<Record<string, string>>> => {
  if (existsSync(directory)) return singleFiles(directory);
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await withDuckDB(":memory:", async (connection) => {
    for (const [table, glob] of Object.entries(tables)) {
      const path = quote(join(partial, `${table}.parquet`));
      await connection.run(`COPY (FROM read_parquet(${quote(glob)})) TO ${path} (FORMAT parquet)`);
    }
  });
  await rename(partial, directory);
  return singleFiles(directory);
};
