import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "headcut";
import { startServedCluster } from "../cluster/served-cluster.ts";
import { seededRandom } from "../faults/random.ts";
import { openTpchSet } from "../sets/tpch-set.ts";
import { probeOptions } from "./heap-figures.ts";
import { runSoak, type SoakOptions } from "./run-soak.ts";

export interface SoakClusterOptions extends Pick<SoakOptions, "queries" | "concurrent" | "rounds" | "onLook"> {
  readonly scaleFactor: number;
  /** TPC-H files; generated if missing. */
  readonly data?: string | undefined;
  readonly nodes: number;
  /** Of each node. */
  readonly threads: number;
  readonly seed: number;
  /** Of the first node; the others follow, and 200 above them ports by which heaps are looked into. */
  readonly port: number;
}

/** A soak on processes of its own, which are gone when it resolves: what they have kept of the queries. Throws for a wrong answer. */
export const soakCluster = async (options: SoakClusterOptions): Promise<readonly string[]> => {
  const { scaleFactor, data, nodes, threads, queries, seed, port } = options;
  const folder = mkdtempSync(join(tmpdir(), "headcut-nodes-"));
  try {
    const all = Array.from({ length: 22 }, (_, i) => i + 1);
    const set = await openTpchSet({ scaleFactor, queries: all, directory: data, writer: "headcut" });
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
        concurrent: options.concurrent,
        rounds: options.rounds,
        random: seededRandom(seed),
        onLook: options.onLook,
      });
      await Promise.all(connections.map((connection) => connection.close()));
      return kept;
    } finally {
      await cluster.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
