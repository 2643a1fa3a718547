import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { connect } from "headcut";
import { startServedCluster } from "../cluster/served-cluster.ts";
import { seededRandom } from "../faults/random.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { probeOptions } from "../soak/heap-figures.ts";
import { runSoak } from "../soak/run-soak.ts";
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
    .action(async (flags: SoakFlags) => {
      const folder = mkdtempSync(join(tmpdir(), "headcut-nodes-"));
      try {
        const kept = await soak(flags, folder);
        for (const sentence of kept) console.log(sentence);
        console.log(kept.length === 0 ? "nothing is kept of them" : `${kept.length} figures grew beyond their bounds`);
        if (kept.length > 0) process.exitCode = 1;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
};

const soak = async (
  { sf, nodes, threads, queries, concurrent, rounds, seed, port, data }: SoakFlags,
  folder: string,
): Promise<readonly string[]> => {
  const all = Array.from({ length: 22 }, (_, i) => i + 1);
  const set = await openTpchSet({ scaleFactor: sf, queries: all, directory: data, writer: "headcut" });
  const probePort = (host: number): number => port + 200 + host;
  const cluster = await startServedCluster({
    nodes,
    threads,
    port,
    folder,
    tables: set.data.tables,
    nodeOptions: (host) => probeOptions(probePort(host)),
  });
  try {
    const addresses = cluster.url.slice("grpc://".length).split(",");
    const connections = await Promise.all(
      addresses.map((_, i) => connect(`grpc://${[...addresses.slice(i), ...addresses.slice(0, i)].join(",")}`)),
    );
    console.log(`TPC-H at scale factor ${sf}, ${nodes} nodes of ${threads} threads`);
    console.log(soakTitles);
    const kept = await runSoak({
      connections,
      nodes: cluster.nodes.map((node, host) => ({
        ...node,
        probePort: probePort(host),
        data: join(folder, `node-${host + 1}`),
      })),
      tpch: set.queries,
      queries,
      looks: [0.1, 0.3, 0.5, 0.75, 1].map((part) => Math.round(part * queries)),
      settled: Math.round(0.3 * queries),
      concurrent,
      rounds,
      random: seededRandom(seed),
      onLook: (title, figures) => console.log(soakLines(title, figures)),
    });
    await Promise.all(connections.map((connection) => connection.close()));
    return kept;
  } finally {
    await cluster.close();
  }
};
