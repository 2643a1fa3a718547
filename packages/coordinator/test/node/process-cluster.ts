import { type ChildProcess, fork } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "@headcut/executor";
import type { FlightService } from "../../src/flight/flight-service.ts";
import type { ClusterNodeHandle } from "../../src/node/cluster-node-handle.ts";
import type { NodeOptions } from "../../src/node/node-options.ts";
import type { NodeStatus } from "../../src/node/node-status.ts";
import { openNode } from "../../src/node/open-node.ts";
import { openShardStore } from "../../src/shards/open-shard-store.ts";

const MIB = 1024 * 1024;

export interface ChildNode {
  readonly nodeId: string;
  readonly address: string;
  readonly child: ChildProcess;
  /** Resolves when the node had to stop, or its process ended, with why. */
  readonly gaveUp: Promise<string>;
  status(): Promise<NodeStatus>;
  drain(): Promise<void>;
  /** Kills it, and waits until the system has noticed. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a node as a process of its own. */
export const startChild = async (
  options: Record<string, unknown> & { readonly nodeId: string },
): Promise<ChildNode> => {
  const child = fork(new URL("./worker-node.mjs", import.meta.url), [JSON.stringify(options)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const answer = (key: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const onMessage = (message: Record<string, unknown>): void => {
        if (!(key in message)) return;
        child.off("message", onMessage);
        child.off("exit", onExit);
        resolve(message[key]);
      };
      const onExit = (code: number | null, signal: string | null): void =>
        reject(new Error(`the node ended: ${code ?? signal}`));
      child.on("message", onMessage);
      child.once("exit", onExit);
    });
  const address = (await answer("address")) as string;
  const ask = async (key: string, message: string): Promise<unknown> => {
    const answered = answer(key);
    child.send(message);
    return answered;
  };
  return {
    nodeId: options.nodeId,
    address,
    child,
    gaveUp: answer("closed").then(String, String),
    status: () => ask("status", "status") as Promise<NodeStatus>,
    drain: async () => {
      await ask("drained", "drain");
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGCONT");
      child.send("close");
      await exited;
    },
  };
};

const none = (): never => {
  throw new Error("clients are not served here");
};

export const NO_CLIENTS: FlightService = {
  getFlightInfo: none,
  getSchema: none,
  listFlights: none,
  doGet: none,
  doPut: none,
  doAction: none,
  listActions: none,
};

/** Each file of each table on `copies` of the nodes' directories. */
export const spreadFiles = (from: string, directories: readonly string[], copies: number): void => {
  let next = 0;
  const tables = readdirSync(from, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name: table } of tables) {
    for (const directory of directories) mkdirSync(join(directory, table), { recursive: true });
    for (const name of readdirSync(join(from, table)).sort()) {
      for (let i = 0; i < copies; i++) {
        copyFileSync(join(from, table, name), join(directories[(next + i) % directories.length]!, table, name));
      }
      next++;
    }
  }
};

export interface ProcessCluster {
  /** In this process: the one that coordinates. */
  readonly node: ClusterNodeHandle;
  /** By id. */
  readonly children: ChildNode[];
  /** Starts another process in the directory of a node. */
  start(nodeId: string): Promise<ChildNode>;
  /** Ends a node in its own way. */
  stop(child: ChildNode): Promise<void>;
  close(): Promise<void>;
}

/** Everything is spread as far as it goes, however small. */
export const SPREAD: Partial<NodeOptions> = { mayRunAlone: false, bytesPerNode: 1 };

/** A cluster whose first node is in this process and whose others are processes of their own; directory i is node i's. */
export const startCluster = async (
  directories: readonly string[],
  spillRoot: string,
  options: Partial<NodeOptions> = SPREAD,
): Promise<ProcessCluster> => {
  const engine = openEngine({ threads: 1, memoryLimitBytes: 512 * MIB, columnCacheBytes: 32 * MIB });
  const node = await openNode({
    nodeId: "n0",
    listen: "127.0.0.1:0",
    clusterName: "test",
    seeds: { kind: "none" },
    security: {},
    engine,
    shards: await openShardStore(directories[0]!),
    flight: () => NO_CLIENTS,
    spillDirectory: join(spillRoot, "n0"),
    ...options,
  });
  const children: ChildNode[] = [];
  const start = async (nodeId: string): Promise<ChildNode> => {
    const child = await startChild({
      nodeId,
      directory: directories[Number(nodeId.slice(1))]!,
      spillDirectory: join(spillRoot, nodeId),
      seeds: [node.address],
    });
    children.push(child);
    children.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
    await until(() => node.members().some((member) => member.address === child.address));
    return child;
  };
  await Promise.all(directories.slice(1).map((_, i) => start(`n${i + 1}`)));
  return {
    node,
    children,
    start,
    stop: async (child) => {
      children.splice(children.indexOf(child), 1);
      await child.close();
    },
    close: async () => {
      await Promise.all(children.map((child) => child.close()));
      await node.close();
      await engine.close();
    },
  };
};

/** Waits for something to become true, a while. */
export const until = async (condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
