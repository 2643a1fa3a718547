import { type Command, Option } from "commander";
import { type EngineName, engineNames } from "../engines/engine.ts";
import { comparisonTable } from "../report/comparison-table.ts";
import { compareResults } from "../results/compare-results.ts";
import { readResult } from "../results/result-files.ts";

export const addCompareCommand = (program: Command): void => {
  program
    .command("compare")
    .description("Compare two results: paths, names in benchmarks/results, or commits with one result there.")
    .argument("<before>")
    .argument("<after>")
    .addOption(new Option("--engine <name>", "whose times").choices(engineNames).default("headcut"))
    .action(async (before: string, after: string, { engine }: { engine: EngineName }) => {
      console.log(comparisonTable(compareResults(await readResult(before), await readResult(after), engine)));
    });
};
