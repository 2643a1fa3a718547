import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { connect } from "headcut";
import { cancelLine, cancelTable, slowestNode } from "../cancel/cancel-table.ts";
import { measureCancel } from "../cancel/measure-cancel.ts";
import { startServedCluster } from "../cluster/served-cluster.ts";
import { seededRandom } from "../faults/random.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { parseCount, parseList, parseScaleFactor } from "./parse-option.ts";

interface CancelFlags {
  readonly sf: number;
  readonly nodes: number;
  readonly threads: number;
  readonly runs: number;
  readonly seed: number;
  readonly port: number;
  readonly queries?: readonly string[];
  readonly data?: string;
  readonly folder?: string;
  readonly verbose?: boolean;
}

/** Lines of the slowest that are shown. */
const SHOWN = 5;

export const addCancelCommand = (program: Command): void => {
  program
    .command("cancel")
    .description("Cancels TPC-H's queries on a cluster of processes at random moments: how long until all nodes stop.")
    .addOption(new Option("--sf <number>", "scale factor").argParser(parseScaleFactor).default(1))
    .addOption(new Option("--nodes <n>", "nodes of the cluster").argParser(parseCount).default(3))
    .addOption(new Option("--threads <n>", "of each node").argParser(parseCount).default(1))
    .addOption(new Option("--runs <n>", "queries that are cancelled").argParser(parseCount).default(100))
    .addOption(new Option("--seed <n>", "of the moments").argParser(parseCount).default(1))
    .addOption(new Option("--port <n>", "of the first node").argParser(parseCount).default(19_115))
    .addOption(new Option("--queries <list>", "numbers and ranges").argParser(parseList))
    .option("--data <dir>", "TPC-H files; generated if missing")
    .option("--folder <dir>", "of the nodes, kept: nothing is loaded when it is there")
    .option("--verbose", "a line for each")
    .action(async (flags: CancelFlags) => {
      const folder = flags.folder ?? mkdtempSync(join(tmpdir(), "headcut-nodes-"));
      try {
        await cancel(flags, folder);
      } finally {
        if (flags.folder === undefined) rmSync(folder, { recursive: true, force: true });
      }
    });
};

const cancel = async (
  { sf, nodes, threads, runs, seed, port, data, verbose = false, ...flags }: CancelFlags,
  folder: string,
): Promise<void> => {
  const queries = (flags.queries ?? Array.from({ length: 22 }, (_, i) => i + 1)).map(Number);
  const set = await openTpchSet({ scaleFactor: sf, queries, directory: data, writer: "headcut" });
  const { tables } = set.data;
  const cluster = await startServedCluster({ nodes, threads, port, folder, tables });
  try {
    const connection = await connect(cluster.url);
    console.log(`TPC-H at scale factor ${sf}: ${nodes} nodes of ${threads} threads, ${runs} queries cancelled`);
    const done = await measureCancel({
      connection,
      nodes: cluster.nodes,
      queries: set.queries,
      runs,
      random: seededRandom(seed),
      onRun: (run) => {
        if (verbose) console.log(cancelLine(run));
      },
    });
    console.log(cancelTable(done));
    const slowest = done.toSorted((a, b) => slowestNode(b) - slowestNode(a)).slice(0, SHOWN);
    console.log(["", "slowest:", ...slowest.map(cancelLine)].join("\n"));
    await connection.close();
  } finally {
    await cluster.close();
  }
};
