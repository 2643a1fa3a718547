import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { type EngineName, engineNames } from "../engines/engine.ts";
import { type Column, formatMs, layOut, titles } from "../report/lay-out.ts";
import { measureFirstQuery, measureNewShapes } from "../startup/measure-startup.ts";
import { provideSmallTable } from "../startup/small-table.ts";
import { parseCount } from "./parse-option.ts";

const WARMUPS = 20;
const QUERIES = 100;

export const addStartupCommand = (program: Command): void => {
  program
    .command("startup")
    .description("Time the first query of a fresh process, and queries on 100 rows whose shape is new each time.")
    .addOption(new Option("--processes <n>", "fresh processes").argParser(parseCount).default(10))
    .addOption(
      new Option("--threads <n>", "threads of each engine")
        .argParser(parseCount)
        .default(availableParallelism(), "one for each core"),
    )
    .action(async ({ processes, threads }: { processes: number; threads: number }) => {
      const columns: Column[] = [
        { title: "", width: 13 },
        { title: "first query ms", width: 14 },
        { title: "with Node's start", width: 17 },
        { title: "100 rows, new shape", width: 19 },
      ];
      console.log(
        `medians of ${processes} processes and of ${QUERIES} queries, ${threads} threads\n${titles(columns)}`,
      );
      const data = await provideSmallTable();
      const names: readonly EngineName[] = engineNames.filter((name) => name !== "duckdb-native");
      for (const engine of names) {
        const task = { engine, data, options: { threads, cache: false } };
        const { ms, bootMs } = await measureFirstQuery(task, processes);
        const shapes = await measureNewShapes(task, { warmups: WARMUPS, queries: QUERIES });
        console.log(layOut(columns, [engine, formatMs(ms), formatMs(ms + bootMs), shapes.toFixed(2)]));
      }
    });
};
