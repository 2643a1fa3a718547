import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { connect } from "headcut";
import { clusterRow, clusterTitles, clusterTotal } from "../cluster/cluster-table.ts";
import { type ClusterCost, measureCluster } from "../cluster/measure-cluster.ts";
import { startServedCluster } from "../cluster/served-cluster.ts";
import { openDatabase } from "../engines/headcut-engine.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { parseCount, parseList, parseScaleFactor } from "./parse-option.ts";

interface ClusterFlags {
  readonly sf: number;
  readonly nodes: number;
  readonly threads: number;
  readonly runs: number;
  readonly port: number;
  readonly queries?: readonly string[];
  readonly data?: string;
  readonly folder?: string;
  readonly profiles?: string;
  readonly json?: string;
}

/** Reads no more than one shard has: what it takes longer than in the process itself is the way there and back. */
const ONE_SHARD = { name: "one shard", sql: "SELECT count(*) AS n, sum(n_regionkey) AS r FROM nation" };

export const addClusterCommand = (program: Command): void => {
  program
    .command("cluster")
    .description(
      "TPC-H on processes that are nodes beside the same in one process: time, processor time, bytes moved. Linux.",
    )
    .addOption(new Option("--sf <number>", "scale factor").argParser(parseScaleFactor).default(1))
    .addOption(new Option("--nodes <n>", "nodes of the cluster").argParser(parseCount).default(2))
    .addOption(
      new Option("--threads <n>", "of each node; one process gets as many as all nodes")
        .argParser(parseCount)
        .default(1),
    )
    .addOption(new Option("--runs <n>", "of each query, of which the median counts").argParser(parseCount).default(5))
    .addOption(new Option("--port <n>", "of the first node").argParser(parseCount).default(18_915))
    .addOption(new Option("--queries <list>", "numbers and ranges").argParser(parseList))
    .option("--data <dir>", "TPC-H files; generated if missing")
    .option("--folder <dir>", "of the nodes, kept: nothing is loaded when it is there")
    .option("--profiles <dir>", "profiles of the nodes' threads, by --cpu-prof")
    .option("--json <file>", "write the figures as JSON")
    .action(async (flags: ClusterFlags) => {
      const folder = flags.folder ?? mkdtempSync(join(tmpdir(), "headcut-nodes-"));
      try {
        const costs = await measure(flags, folder);
        if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify({ ...flags, costs }, null, 2)}\n`);
      } finally {
        if (flags.folder === undefined) rmSync(folder, { recursive: true, force: true });
      }
    });
};

const measure = async (flags: ClusterFlags, folder: string): Promise<readonly ClusterCost[]> => {
  const { sf, nodes, threads, port, runs, profiles } = flags;
  const queries = (flags.queries ?? Array.from({ length: 22 }, (_, i) => i + 1)).map(Number);
  const set = await openTpchSet({ scaleFactor: sf, queries, directory: flags.data, writer: "headcut" });
  const { tables } = set.data;
  const embedded = await openDatabase(set.data, { threads: nodes * threads, cache: true });
  const cluster = await startServedCluster({ nodes, threads, port, folder, tables, profiles });
  try {
    const connection = await connect(cluster.url);
    console.log(
      `TPC-H at scale factor ${sf}: ${nodes} nodes of ${threads} threads beside one process of ${nodes * threads}`,
    );
    console.log(clusterTitles);
    const onQuery = (cost: ClusterCost): void => console.log(clusterRow(cost));
    const both = { embedded, connection, cluster, onQuery };
    const costs = await measureCluster({ ...both, queries: set.queries, runs });
    console.log(clusterRow(clusterTotal(costs)));
    const oneShard = { ...ONE_SHARD, compare: () => undefined };
    const small = await measureCluster({ ...both, queries: [oneShard], runs: 10 * runs });
    await connection.close();
    return [...costs, ...small];
  } finally {
    await cluster.close();
    await embedded.close();
  }
};
