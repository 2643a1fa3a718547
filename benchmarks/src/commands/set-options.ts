import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import type { QuerySet } from "../sets/query-set.ts";
import { openTpchSet, type Writer } from "../sets/tpch-set.ts";
import { parseCount, parseList, parseScaleFactor } from "./parse-option.ts";

/** What to ask of which data. */
export interface SetFlags {
  readonly sf: number;
  readonly queries?: readonly string[];
  readonly data?: string;
  readonly writer: Writer;
  readonly threads: number;
}

export const addSetOptions = (command: Command): Command =>
  command
    .addOption(new Option("--sf <number>", "TPC-H's scale factor").argParser(parseScaleFactor).default(1))
    .addOption(new Option("--queries <list>", "some of the queries, such as 1,6,10-12").argParser(parseList))
    .option("--data <dir>", "the set's folder, generated if missing (default: .data/tpch-sf<SF>)")
    .addOption(
      new Option("--writer <name>", "who writes the Parquet files").choices(["headcut", "duckdb"]).default("headcut"),
    )
    .addOption(
      new Option("--threads <n>", "threads of each engine")
        .argParser(parseCount)
        .default(availableParallelism(), "cores"),
    );

/** Throws Error when there is no such query. */
export const openSet = ({ sf, queries, data, writer }: SetFlags): Promise<QuerySet> => {
  const names = queries ?? Array.from({ length: 22 }, (_, index) => String(index + 1));
  const numbers = names.map((name) => Number(name.replace(/^q/i, "")));
  const wrong = names.find((_, index) => !(numbers[index]! >= 1 && numbers[index]! <= 22));
  if (wrong !== undefined) throw new Error(`TPC-H has no query ${wrong}: they are numbered 1 to 22.`);
  return openTpchSet({ scaleFactor: sf, queries: numbers, directory: data, writer });
};
