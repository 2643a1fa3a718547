import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { connect } from "headcut";
import { type FaultKind, faultKinds } from "../faults/fault.ts";
import { faultTable } from "../faults/fault-table.ts";
import { startFaultyCluster } from "../faults/faulty-cluster.ts";
import { loopback, type Network, openNamespaces } from "../faults/network.ts";
import { seededRandom } from "../faults/random.ts";
import { type FaultyRun, runWithFaults } from "../faults/run-with-faults.ts";
import { type Environment, readEnvironment } from "../results/environment.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { parseCount, parseScaleFactor } from "./parse-option.ts";

interface FaultFlags {
  readonly sf: number;
  readonly nodes: number;
  readonly runs: number;
  readonly seed: number;
  readonly delay: number;
  readonly loss: number;
  readonly data?: string;
  readonly json?: string;
}

export const addFaultsCommand = (program: Command): void => {
  program
    .command("faults")
    .description("Run TPC-H on a cluster of processes while a node is killed, stopped or cut off in each query.")
    .addOption(new Option("--sf <number>", "scale factor").argParser(parseScaleFactor).default(0.1))
    .addOption(new Option("--nodes <n>", "nodes of the cluster").argParser(parseCount).default(3))
    .addOption(new Option("--runs <n>", "queries with a fault").argParser(parseCount).default(200))
    .addOption(new Option("--seed <n>", "of moments, nodes and faults").argParser(parseCount).default(1))
    .addOption(new Option("--delay <ms>", "of every packet").argParser(Number).default(0))
    .addOption(new Option("--loss <percent>", "of packets").argParser(Number).default(0))
    .option("--data <dir>", "TPC-H files; generated if missing")
    .option("--json <file>", "write every run as JSON")
    .action(async (flags: FaultFlags) => {
      const { network, kinds } = await openNetwork(flags);
      const folder = mkdtempSync(join(tmpdir(), "headcut-faults-"));
      try {
        const runs = await faults(flags, network, kinds, folder);
        console.log(faultTable(runs));
        if (flags.json !== undefined)
          await writeFile(flags.json, textOf(flags, network, runs, await readEnvironment()));
        if (runs.some(({ outcome }) => outcome.kind === "wrong" || outcome.kind === "hung")) process.exitCode = 1;
      } finally {
        network.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
};

/** A run a line. */
const textOf = (
  { sf, nodes, seed }: FaultFlags,
  { name }: Network,
  runs: readonly FaultyRun[],
  environment: Environment,
): string => {
  const head = JSON.stringify({ environment, sf, nodes, seed, network: name });
  return `${head.slice(0, -1)},"runs":[\n${runs.map((run) => JSON.stringify(run)).join(",\n")}\n]}\n`;
};

/** Namespaces where the machine allows them: only there can a node be cut off, and packets be late or lost. */
const openNetwork = async ({
  nodes,
  delay,
  loss,
  seed,
}: FaultFlags): Promise<{ network: Network; kinds: readonly FaultKind[] }> => {
  try {
    const network = await openNamespaces(nodes, { delayMs: delay, lossPercent: loss, seed });
    return { network, kinds: faultKinds };
  } catch (cause) {
    if (delay > 0 || loss > 0) throw cause;
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    console.error(`no network namespaces here (${reason}): nodes are killed and stopped, not cut off`);
    return { network: loopback, kinds: faultKinds.filter((kind) => kind !== "cut") };
  }
};

const faults = async (
  { sf, nodes, runs, seed, data }: FaultFlags,
  network: Network,
  kinds: readonly FaultKind[],
  folder: string,
): Promise<readonly FaultyRun[]> => {
  const queries = Array.from({ length: 22 }, (_, i) => i + 1);
  const set = await openTpchSet({ scaleFactor: sf, queries, directory: data, writer: "headcut" });
  if (set.queries.some(({ stored }) => stored === undefined)) {
    throw new Error("answers are stored for the scale factors 0.01, 0.1 and 1");
  }
  const cluster = await startFaultyCluster({ network, nodes, threads: 1, folder, tables: set.data.tables });
  try {
    const connection = await connect(cluster.url);
    try {
      console.log(`TPC-H at scale factor ${sf}, ${nodes} nodes, ${network.name}, ${runs} runs, seed ${seed}`);
      return await runWithFaults({
        cluster,
        ask: async (sql, signal) => (await connection.query(sql, undefined, { signal })).toRows(),
        queries: set.queries,
        runs,
        nodes,
        kinds,
        random: seededRandom(seed),
        onRun: report,
      });
    } finally {
      await connection.close();
    }
  } finally {
    await cluster.close();
  }
};

/** A line for each run that was not answered. */
const report = ({ run, query, fault, elapsedMs, outcome }: FaultyRun): void => {
  if (outcome.kind === "right") return;
  const what =
    outcome.kind === "wrong" ? outcome.difference : outcome.kind === "failed" ? outcome.message : "no answer";
  const { kind, node, afterMs, lastsMs } = fault;
  const times = `${afterMs.toFixed(0)} ms, for ${lastsMs.toFixed(0)} ms`;
  console.log(
    `run ${run}, ${query}: ${kind} of node ${node + 1} after ${times}: ${outcome.kind} after ${elapsedMs.toFixed(0)} ms: ${what}`,
  );
};
