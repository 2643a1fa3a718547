import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Fault } from "./fault.ts";
import type { Network } from "./network.ts";
import { type ServedNode, servedNode } from "./served-node.ts";

const program = fileURLToPath(new URL("../../../packages/headcut/bin/headcut.js", import.meta.url));

export interface FaultyClusterOptions {
  readonly network: Network;
  readonly nodes: number;
  readonly threads: number;
  /** Each node gets a folder in it. */
  readonly folder: string;
  /** Tables to spread over the nodes, two copies of each shard: globs by name. */
  readonly tables: Readonly<Record<string, string>>;
}

/** A cluster of real processes in which things go wrong on purpose. */
export interface FaultyCluster {
  readonly url: string;
  /** Makes it happen now; resolves when it is over. */
  suffer(fault: Fault): Promise<void>;
  /** Resolves when all nodes know each other again. Throws after a minute. */
  whole(): Promise<void>;
  close(): Promise<void>;
}

const FIRST_PORT = 18_815;

export const startFaultyCluster = async (options: FaultyClusterOptions): Promise<FaultyCluster> => {
  const { network, threads, folder, tables } = options;
  const nodes: ServedNode[] = [];
  for (let host = 0; host < options.nodes; host++) {
    const data = join(folder, `node-${host + 1}`);
    mkdirSync(data, { recursive: true });
    const others = nodes.map(({ address }) => address);
    nodes.push(servedNode({ network, host, data, port: FIRST_PORT + host, threads, join: others }));
  }
  const url = `grpc://${nodes.map(({ address }) => address).join(",")}`;
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  const whole = async (): Promise<void> => {
    for (let tries = 0; tries < 600; tries++) {
      const seen = await Promise.all(nodes.map((node) => node.membersAlive()));
      if (seen.every((alive) => alive === nodes.length)) return;
      await setTimeout(100);
    }
    throw new Error("the nodes have not found each other again within a minute");
  };
  try {
    for (const node of nodes) await node.start();
    await whole();
    for (const [table, glob] of Object.entries(tables)) {
      const args = ["load", "--table", table, "--from", glob, "--to-cluster", url, "--copies", "2"];
      await promisify(execFile)(process.execPath, [program, ...args]);
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    url,
    whole,
    close,
    suffer: async ({ kind, node: index, lastsMs }) => {
      const node = nodes[index]!;
      switch (kind) {
        case "kill":
          node.signal("SIGKILL");
          await setTimeout(lastsMs);
          await node.start();
          return;
        case "stop":
          node.signal("SIGSTOP");
          await setTimeout(lastsMs);
          node.signal("SIGCONT");
          return;
        case "cut":
          network.cable!.pull(index);
          await setTimeout(lastsMs);
          network.cable!.plug(index);
      }
    },
  };
};
