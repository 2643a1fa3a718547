import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { isReached } from "../goals/goal.ts";
import { measureGoals } from "../goals/measure-goals.ts";
import { type Column, layOut, titles } from "../report/lay-out.ts";
import { parseCount, parseScaleFactor } from "./parse-option.ts";

interface GoalsFlags {
  readonly sf: number;
  readonly largeSf: number;
  readonly runs: number;
  readonly threads: number;
  readonly json?: string;
}

export const addGoalsCommand = (program: Command): void => {
  program
    .command("goals")
    .description("Measure every figure that was set as a goal, on data that is made if missing, and print one table.")
    .addOption(new Option("--sf <number>", "scale factor").argParser(parseScaleFactor).default(1))
    .addOption(new Option("--large-sf <number>", "the large scale factor").argParser(parseScaleFactor).default(10))
    .addOption(new Option("--runs <n>", "timed runs of each query").argParser(parseCount).default(5))
    .addOption(
      new Option("--threads <n>", "threads of each engine")
        .argParser(parseCount)
        .default(availableParallelism(), "one for each core"),
    )
    .option("--json <prefix>", "keep the results as benchmarks/results/<prefix>-….json")
    .action(async ({ sf, largeSf, runs, threads, json }: GoalsFlags) => {
      const goals = await measureGoals({
        scaleFactor: sf,
        largeScaleFactor: largeSf,
        runs,
        threads,
        prefix: json,
        onProgress: (text) => process.stderr.write(`${text}\n`),
      });
      const columns: Column[] = [
        { title: "ours / DuckDB, unless said", width: Math.max(...goals.map(({ name }) => name.length)) },
        { title: "goal", width: 10 },
        { title: "measured", width: 10 },
        { title: "", width: 7 },
      ];
      console.log(titles(columns));
      for (const goal of goals) {
        const { name, wanted, bound, unit, measured } = goal;
        const reached = isReached(goal);
        console.log(
          layOut(columns, [
            name,
            `${bound === "at most" ? "≤" : "≥"} ${wanted}${unit && ` ${unit}`}`,
            measured === undefined ? "-" : `${measured.toFixed(2)}${unit && ` ${unit}`}`,
            reached === undefined ? "" : reached ? "reached" : "missed",
          ]),
        );
      }
    });
};
