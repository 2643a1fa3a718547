import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { resultChart } from "../chart/result-chart.ts";
import { readResult } from "../results/result-files.ts";

export const addChartCommand = (program: Command): void => {
  program
    .command("chart")
    .description("Draw a result as an SVG picture.")
    .argument("<result>", "a path, or a name in benchmarks/results")
    .option("--out <file>", "where to", "docs/benchmark.svg")
    .action(async (name: string, { out }: { out: string }) => {
      await mkdir(dirname(out), { recursive: true });
      await writeFile(out, resultChart(await readResult(name)));
      console.log(out);
    });
};
