import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import type { QuerySet, Writer } from "../sets/query-set.ts";
import { openShapesSet } from "../sets/shapes/shapes-set.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { parseCount, parseList, parseScaleFactor } from "./parse-option.ts";

/** What to ask of which data. */
export interface SetFlags {
  readonly set: "tpch" | "shapes";
  readonly sf: number;
  readonly queries?: readonly string[];
  readonly data?: string;
  readonly writer?: Writer;
  readonly threads: number;
}

export const addSetOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--set <name>", "TPC-H, or queries that are shaped unlike its")
        .choices(["tpch", "shapes"])
        .default("tpch"),
    )
    .addOption(new Option("--sf <number>", "scale factor of the data").argParser(parseScaleFactor).default(1))
    .addOption(new Option("--queries <list>", "some of the queries, such as 1,6,10-12").argParser(parseList))
    .option("--data <dir>", "the set's folder, made if missing (default: .data/<set>-sf<SF>)")
    .addOption(
      new Option("--writer <name>", "who writes TPC-H's Parquet files (default: headcut)").choices([
        "headcut",
        "duckdb",
      ]),
    )
    .addOption(
      new Option("--threads <n>", "threads of each engine")
        .argParser(parseCount)
        .default(availableParallelism(), "one for each core"),
    );

/** Throws Error when there is no such query, or the set cannot be had from that writer. */
export const openSet = async ({ set, sf, queries, data, writer }: SetFlags): Promise<QuerySet> => {
  switch (set) {
    case "tpch": {
      const numbers = queries?.map(tpchNumber) ?? Array.from({ length: 22 }, (_, index) => index + 1);
      return openTpchSet({ scaleFactor: sf, queries: numbers, directory: data, writer: writer ?? "headcut" });
    }
    case "shapes":
      if (writer === "headcut") throw new Error('The tables of the set "shapes" are written by DuckDB.');
      return openShapesSet({ scaleFactor: sf, queries, directory: data });
  }
};

const tpchNumber = (name: string): number => {
  const number = Number(name.replace(/^q/i, ""));
  if (Number.isInteger(number) && number >= 1 && number <= 22) return number;
  throw new Error(`TPC-H has no query ${name}: they are numbered 1 to 22.`);
};
