import { type Command, Option } from "commander";
import { soakCluster } from "../soak/soak-cluster.ts";
import { soakLines, soakTitles } from "../soak/soak-table.ts";
import { parseCount, parseScaleFactor } from "./parse-option.ts";

interface SoakFlags {
  readonly sf: number;
  readonly nodes: number;
  readonly threads: number;
  readonly queries: number;
  readonly concurrent: number;
  readonly rounds: number;
  readonly seed: number;
  readonly port: number;
  readonly data?: string;
}

export const addSoakCommand = (program: Command): void => {
  program
    .command("soak")
    .description(
      "Queries of all kinds on a cluster of processes, one by one and many at once: whether anything is kept of them. Linux.",
    )
    .addOption(new Option("--sf <number>", "scale factor").argParser(parseScaleFactor).default(0.1))
    .addOption(new Option("--nodes <n>", "nodes of the cluster").argParser(parseCount).default(3))
    .addOption(new Option("--threads <n>", "of each node").argParser(parseCount).default(1))
    .addOption(new Option("--queries <n>", "one after the other").argParser(parseCount).default(1000))
    .addOption(new Option("--concurrent <n>", "queries at once").argParser(parseCount).default(64))
    .addOption(new Option("--rounds <n>", "of as many at once").argParser(parseCount).default(3))
    .addOption(new Option("--seed <n>", "of when queries are cancelled").argParser(parseCount).default(1))
    .addOption(new Option("--port <n>", "of the first node").argParser(parseCount).default(19_315))
    .option("--data <dir>", "TPC-H files; generated if missing")
    .action(async ({ sf, nodes, threads, ...flags }: SoakFlags) => {
      console.log(`TPC-H at scale factor ${sf}, ${nodes} nodes of ${threads} threads`);
      console.log(soakTitles);
      const kept = await soakCluster({
        scaleFactor: sf,
        nodes,
        threads,
        ...flags,
        onLook: (title, figures) => console.log(soakLines(title, figures)),
      });
      for (const sentence of kept) console.log(sentence);
      console.log(kept.length === 0 ? "nothing is kept of them" : `${kept.length} figures grew beyond their bounds`);
      if (kept.length > 0) process.exitCode = 1;
    });
};
