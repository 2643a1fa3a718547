import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFiles, loadShards, openPeers, type Security, viewCluster } from "@headcut/coordinator";

/** One process of a cluster. */
export interface TestNode {
  readonly nodeId: string;
  /** host:port */
  readonly address: string;
  /** host:port of its probes and metrics. */
  readonly http: string;
  readonly data: string;
  readonly pid: number;
  readonly ended: Promise<unknown>;
  signal(name: NodeJS.Signals): void;
}

/** Real processes on this machine, gone when `stop` resolves or this process ends. */
export interface TestCluster {
  readonly nodes: readonly TestNode[];
  /** `grpc://a,b,c` */
  readonly url: string;
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  readonly nodes?: number;
  /** Parquet files in folders with tables' names: they are loaded as shards. */
  readonly tables?: string;
  /** More of `headcut serve`'s arguments. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it takes to load tables. */
  readonly security?: Security;
}

const program = join(import.meta.dirname, "../../dist/cli/main.js");

export const startTestCluster = async (options: TestClusterOptions = {}): Promise<TestCluster> => {
  const count = options.nodes ?? 3;
  const directory = mkdtempSync(join(tmpdir(), "headcut-cluster-"));
  const folders = Array.from({ length: count }, (_, i) => join(directory, `node-${i + 1}`));
  for (const folder of folders) mkdirSync(folder);
  const nodes: TestNode[] = [];
  const stop = async (): Promise<void> => {
    for (const node of nodes) {
      node.signal("SIGCONT");
      node.signal("SIGTERM");
    }
    const timer = setTimeout(() => {
      for (const node of nodes) node.signal("SIGKILL");
    }, 10_000);
    await Promise.all(nodes.map(({ ended }) => ended));
    clearTimeout(timer);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for (const folder of folders) nodes.push(await startTestNode(folder, nodes, options));
    if (options.tables !== undefined) await load(options.tables, nodes[0]!.address, options.security ?? {});
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { nodes, url: `grpc://${nodes.map(({ address }) => address).join(",")}`, stop };
};

export const startTestNode = async (
  data: string,
  others: readonly Pick<TestNode, "address">[],
  { args = [], env = {} }: Pick<TestClusterOptions, "args" | "env">,
): Promise<TestNode> => {
  const join = others.length === 0 ? [] : ["--join", others.map(({ address }) => address).join(",")];
  const child = spawn(
    process.execPath,
    [
      program,
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--http",
      "127.0.0.1:0",
      "--data",
      data,
      "--threads",
      "1",
      "--stop-with-parent",
      ...join,
      ...args,
    ],
    { stdio: ["ignore", "ignore", "pipe", "ipc"], env: { ...process.env, ...env } },
  );
  const { nodeId, address, httpAddress } = await readyMessage(child);
  return {
    nodeId,
    address,
    http: httpAddress,
    data,
    pid: child.pid!,
    ended: new Promise((resolve) => child.once("close", resolve)),
    signal: (name) => void child.kill(name),
  };
};

interface Ready {
  readonly nodeId: string;
  readonly address: string;
  readonly httpAddress: string;
}

const readyMessage = (child: ChildProcess): Promise<Ready> =>
  new Promise((resolve, reject) => {
    let errors = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    child.once("message", (message) => resolve(message as Ready));
    child.once("close", (status) => reject(new Error(`a node ended with ${status}:\n${errors}`)));
  });

const load = async (tables: string, address: string, security: Security): Promise<void> => {
  const peers = openPeers(security);
  try {
    for (const { name: table } of readdirSync(tables, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      const files = readdirSync(join(tables, table)).filter((name) => name.endsWith(".parquet"));
      const described = await describeFiles(
        table,
        files.map((file) => join(tables, table, file)),
      );
      await loadShards(await viewCluster(peers, [address]), { table, ...described });
    }
  } finally {
    peers.close();
  }
};
