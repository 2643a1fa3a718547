import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type ChildNode, startChildNode } from "./child-node.ts";

export interface LocalClusterOptions {
  readonly nodes: number;
  /** Each node has a folder `node-1`, `node-2`, … in it. */
  readonly data: string;
  /** The first node's; the others follow. By default any that are free. */
  readonly basePort?: number;
  /** Of each node; by default an even part of the cores. */
  readonly threads?: number;
  readonly memory?: string;
  /** Serves the pages for probes and metrics, each node on a free port. */
  readonly withHttp?: boolean;
  /** Each line that a node logs, by the node's number from 1 on. */
  readonly onLine?: (node: number, line: string) => void;
  readonly signal?: AbortSignal;
}

/** Some nodes on this machine, each a process of its own. */
export interface LocalCluster {
  /** Those that run or were ended by `kill`, in order. */
  readonly nodes: readonly ChildNode[];
  /** `grpc://a,b,c` */
  readonly url: string;
  /** Ends a node at once, as a power cut would; resolves when the process is gone. Counted from 0. */
  kill(index: number): Promise<void>;
  /** Starts a node that was ended, on its folder and address. */
  restart(index: number): Promise<void>;
  /** Ends all: in good order, and after a while in any. */
  stop(graceMs?: number): Promise<void>;
}

const HOST = "127.0.0.1";

/** Starts the nodes, and resolves when all are ready. Throws QueryError; no process is left then. */
export const startLocalCluster = async (options: LocalClusterOptions): Promise<LocalCluster> => {
  const { data, basePort, withHttp = false, onLine, memory, signal } = options;
  const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / options.nodes));
  const nodes: ChildNode[] = [];

  const start = async (index: number, address: string): Promise<ChildNode> => {
    const folder = join(data, `node-${index + 1}`);
    await mkdir(folder, { recursive: true });
    const others = nodes.filter((_, i) => i !== index).map((node) => node.address);
    return startChildNode({
      listen: address,
      data: folder,
      cluster: "local",
      threads,
      ...(others.length > 0 && { join: others.join(",") }),
      ...(memory !== undefined && { memory }),
      ...(withHttp && { http: `${HOST}:0` }),
      ...(onLine && { onLine: (line) => onLine(index + 1, line) }),
      ...(signal && { signal }),
    });
  };

  const stop = async (graceMs = 10_000): Promise<void> => {
    for (const node of nodes) {
      node.signal("SIGCONT");
      node.signal("SIGTERM");
    }
    const timer = setTimeout(() => {
      for (const node of nodes) node.signal("SIGKILL");
    }, graceMs);
    await Promise.all(nodes.map(({ ended }) => ended));
    clearTimeout(timer);
  };

  try {
    const listen = (index: number): string => `${HOST}:${basePort === undefined ? 0 : basePort + index}`;
    // The first one's address is what the others join.
    nodes.push(await start(0, listen(0)));
    const others = Array.from({ length: options.nodes - 1 }, (_, i) => start(i + 1, listen(i + 1)));
    const started = await Promise.allSettled(others);
    for (const each of started) if (each.status === "fulfilled") nodes.push(each.value);
    for (const each of started) if (each.status === "rejected") throw each.reason;
  } catch (cause) {
    await stop(0);
    throw cause;
  }
  return {
    nodes,
    url: `grpc://${nodes.map(({ address }) => address).join(",")}`,
    kill: async (index) => {
      nodes[index]!.signal("SIGKILL");
      await nodes[index]!.ended;
    },
    restart: async (index) => {
      nodes[index] = await start(index, nodes[index]!.address);
    },
    stop,
  };
};
