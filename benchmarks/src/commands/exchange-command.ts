import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { describeCase } from "../exchange/exchange-case.ts";
import { measureExchange } from "../exchange/measure-exchange.ts";
import { type Column, layOut, titles } from "../report/lay-out.ts";
import { readEnvironment } from "../results/environment.ts";
import { parseCount } from "./parse-option.ts";

export const addExchangeCommand = (program: Command): void => {
  program
    .command("exchange")
    .description("How fast batches go from one process to another, plain and with TLS, beside a bare grpc-js stream.")
    .addOption(new Option("--seconds <n>", "of each round").argParser(parseCount).default(1))
    .addOption(new Option("--rounds <n>", "of which the best counts").argParser(parseCount).default(7))
    .addOption(new Option("--messages <n>", "of each stream").argParser(parseCount).default(200))
    .option("--json <path>", "keep the result in a file")
    .action(async ({ json, ...options }: { seconds: number; rounds: number; messages: number; json?: string }) => {
      const columns: Column[] = [
        { title: "", width: 19 },
        { title: "MB/s", width: 8 },
        { title: "MB/s per core", width: 13 },
        { title: "bytes sent per byte", width: 19 },
      ];
      console.log(`MB of rows as Arrow holds them; cores: processor time of both processes\n${titles(columns)}`);
      const results = await measureExchange(options);
      for (const result of results) {
        const { mbPerSecond, mbPerCoreSecond, wireRatio } = result;
        console.log(
          layOut(columns, [
            describeCase(result),
            mbPerSecond.toFixed(0),
            mbPerCoreSecond.toFixed(0),
            wireRatio.toFixed(2),
          ]),
        );
      }
      if (json === undefined) return;
      await mkdir(dirname(json), { recursive: true });
      await writeFile(json, `${JSON.stringify({ ...(await readEnvironment()), options, results }, null, 2)}\n`);
    });
};
