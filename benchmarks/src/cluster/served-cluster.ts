import { execFile } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expandGlob } from "@headcut/executor";
import { loopback } from "../faults/network.ts";
import { type ServedNode, servedNode } from "../faults/served-node.ts";
import { cpuSeconds } from "./process-cpu.ts";

const program = fileURLToPath(new URL("../../../packages/headcut/bin/headcut.js", import.meta.url));

export interface ServedClusterOptions {
  readonly nodes: number;
  readonly threads: number;
  readonly port: number;
  /** Each node gets a folder in it; with folders that are there already, nothing is loaded. */
  readonly folder: string;
  /** Tables to spread over the nodes, two copies of each shard, small ones on all of them, as `headcut tpch --cluster` does: globs by name. */
  readonly tables: Readonly<Record<string, string>>;
  /** Where Node.js writes a profile of each thread of each node; none if undefined. */
  readonly profiles?: string | undefined;
  /** More options for Node.js itself, by the node's number from 0 on. */
  readonly nodeOptions?: (host: number) => readonly string[];
}

/** A cluster of processes on this machine, to be measured. */
export interface ServedCluster {
  readonly url: string;
  readonly nodes: readonly Pick<ServedNode, "pid" | "metrics">[];
  /** Processor time of all nodes so far. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

export const startServedCluster = async (options: ServedClusterOptions): Promise<ServedCluster> => {
  const { folder, tables, threads, port, profiles } = options;
  const isLoaded = existsSync(join(folder, "node-1"));
  const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  const nodes: ServedNode[] = [];
  for (let host = 0; host < options.nodes; host++) {
    const data = join(folder, `node-${host + 1}`);
    mkdirSync(data, { recursive: true });
    const nodeOptions = [...profiling, ...(options.nodeOptions?.(host) ?? [])];
    const others = nodes.map(({ address }) => address);
    nodes.push(servedNode({ network: loopback, host, data, port: port + host, threads, join: others, nodeOptions }));
  }
  const url = `grpc://${nodes.map(({ address }) => address).join(",")}`;
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => (profiles === undefined ? node.close() : node.leave())));
  };
  try {
    for (const node of nodes) await node.start();
    await allKnown(nodes);
    for (const [table, glob] of isLoaded ? [] : Object.entries(tables)) {
      const args = [
        "load",
        "--table",
        table,
        "--from",
        glob,
        "--to-cluster",
        url,
        "--copies",
        String(copiesOf(glob, nodes.length)),
      ];
      await promisify(execFile)(process.execPath, [program, ...args]);
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    url,
    nodes,
    cpuSeconds: async () => {
      const each = await Promise.all(nodes.map((node) => cpuSeconds(node.pid()!)));
      return each.reduce((sum, seconds) => sum + seconds, 0);
    },
    close,
  };
};

const EVERYWHERE_BYTES = 16 * 1024 * 1024;

const copiesOf = (glob: string, nodes: number): number => {
  const bytes = expandGlob(glob).reduce((sum, path) => sum + statSync(path).size, 0);
  return bytes <= EVERYWHERE_BYTES ? nodes : 2;
};

const POLL_MS = 100;
const POLLS = 600;

const allKnown = async (nodes: readonly ServedNode[]): Promise<void> => {
  for (let polls = 0; polls < POLLS; polls++) {
    const seen = await Promise.all(nodes.map((node) => node.membersAlive()));
    if (seen.every((alive) => alive === nodes.length)) return;
    await setTimeout(POLL_MS);
  }
  throw new Error("the nodes have not found each other within a minute");
};
