import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type NodeMetrics, readMetrics } from "../cluster/node-metrics.ts";
import type { Network } from "./network.ts";

const program = fileURLToPath(new URL("../../../packages/headcut/bin/headcut.js", import.meta.url));

/** As docs/deploy/README.md recommends. */
const V8_OPTIONS = ["--min-semi-space-size=32", "--max-semi-space-size=32"];

/** A node in a process of its own on a host of the network, that can be killed and started again. */
export interface ServedNode {
  readonly address: string;
  /** Of its process, where the network runs commands as they are; undefined before it was started. */
  pid(): number | undefined;
  /** Undefined when it does not answer. */
  metrics(): Promise<NodeMetrics | undefined>;
  /** Nodes of the cluster that it knows to be alive; undefined when it does not answer. */
  membersAlive(): Promise<number | undefined>;
  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** Ends it in good order. */
  leave(): Promise<void>;
  /** Starts it, or starts it again; resolves when it answers queries. */
  start(): Promise<void>;
  /** Ends it at once. */
  close(): Promise<void>;
}

export interface ServedNodeOptions {
  readonly network: Network;
  readonly host: number;
  readonly data: string;
  readonly port: number;
  readonly threads: number;
  /** Addresses of the nodes that were started before. */
  readonly join: readonly string[];
  /** Options for Node.js itself. */
  readonly nodeOptions?: readonly string[];
}

export const servedNode = (options: ServedNodeOptions): ServedNode => {
  const { network, host, data, port, threads, join, nodeOptions = [] } = options;
  const ip = network.address(host);
  const address = `${ip}:${port}`;
  const http = `${ip}:${port + 100}`;
  let child: ReturnType<typeof spawn> | undefined;
  let ended: Promise<void> = Promise.resolve();

  const metrics = (): Promise<NodeMetrics | undefined> => readMetrics(http);
  return {
    address,
    pid: () => child?.pid,
    metrics,
    membersAlive: async () => (await metrics())?.get("members"),
    leave: async () => {
      child?.kill("SIGTERM");
      await ended;
    },
    signal: (name) => {
      child?.kill(name);
    },
    start: async () => {
      await ended;
      const [command, ...args] = [
        ...[
          ...network.commandOn(host),
          process.execPath,
          ...V8_OPTIONS,
          ...nodeOptions,
          program,
          "serve",
          "--stop-with-parent",
        ],
        ...["--listen", address, "--http", http, "--data", data, "--threads", String(threads), "--cluster", "faults"],
        ...(join.length > 0 ? ["--join", join.join(",")] : []),
      ];
      const started = spawn(command!, args, { stdio: ["ignore", "ignore", "pipe", "ipc"], detached: true });
      child = started;
      let said = "";
      started.stderr!.on("data", (text: Buffer) => {
        said = `${said}${text}`.slice(-2000);
      });
      ended = new Promise((resolve) => started.once("close", () => resolve()));
      await new Promise<void>((resolve, reject) => {
        started.once("message", () => resolve());
        started.once("close", () => reject(new Error(`the node on ${address} ended:\n${said}`)));
      });
    },
    close: async () => {
      child?.kill("SIGKILL");
      await ended;
    },
  };
};
