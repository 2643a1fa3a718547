import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askNodes, describeFiles, loadShards, openPeers, type Peers, viewCluster } from "@headcut/coordinator";
import { expandGlob } from "@headcut/executor";
import type { EngineNodes } from "@headcut/tpch";
import { type LocalCluster, startLocalCluster } from "../node/local-cluster.ts";
import { readSecurity } from "../node/read-security.ts";

export interface TpchClusterOptions {
  readonly nodes: number;
  /** For every table, the glob of its Parquet files. */
  readonly tables: Readonly<Record<string, string>>;
  /** Of each node. */
  readonly threads?: number | undefined;
  readonly onLoad?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A cluster that lasts as long as the run. */
export interface TpchCluster {
  readonly url: string;
  readonly token: string | undefined;
  readonly nodes: EngineNodes;
  close(): Promise<void>;
}

const COPIES = 2;
/** A smaller table is on every node: joins with it need not move it. */
const EVERYWHERE_BYTES = 16 * 1024 * 1024;

/** Starts the nodes with folders of their own below a temporary one, and loads the tables. Throws QueryError; nothing is left then. */
export const openTpchCluster = async (options: TpchClusterOptions): Promise<TpchCluster> => {
  const { nodes, threads, signal } = options;
  const data = await mkdtemp(join(tmpdir(), "headcut-tpch-cluster-"));
  const security = await readSecurity({});
  const peers = openPeers(security);
  let cluster: LocalCluster | undefined;
  const close = async (): Promise<void> => {
    peers.close();
    await cluster?.stop();
    await rm(data, { recursive: true, force: true });
  };
  try {
    cluster = await startLocalCluster({
      nodes,
      data,
      ...(threads !== undefined && { threads }),
      ...(signal && { signal }),
    });
    const started = cluster;
    for (const { address } of started.nodes) await joined(peers, address, nodes);
    await load(peers, started, options);
    return {
      url: started.url,
      token: security.token,
      nodes: {
        count: nodes,
        threadsPerNode: threads ?? 1,
        kill: started.kill,
        restart: async (index) => {
          await started.restart(index);
          for (const { address } of started.nodes) await joined(peers, address, nodes);
        },
      },
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
};

const load = async (peers: Peers, cluster: LocalCluster, options: TpchClusterOptions): Promise<void> => {
  const tables = Object.entries(options.tables);
  for (const [i, [table, glob]] of tables.entries()) {
    const described = await describeFiles(table, expandGlob(glob));
    const view = await viewCluster(peers, [cluster.nodes[0]!.address], options.signal);
    const bytes = described.sources.reduce((sum, { shard }) => sum + shard.sizeBytes, 0);
    await loadShards(view, {
      table,
      ...described,
      copies: bytes <= EVERYWHERE_BYTES ? view.nodes.length : COPIES,
      signal: options.signal,
      onProgress: (done, all) => options.onLoad?.((i + done / Math.max(1, all)) / tables.length),
    });
  }
};

const POLL_MS = 50;
const PATIENCE_MS = 30_000;

/** Waits until a node knows of so many living ones. */
const joined = async (peers: Peers, address: string, count: number): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const known = await knownNodes(peers, address).catch((cause: unknown) => {
      if (performance.now() > deadline) throw cause;
      return 0;
    });
    if (known >= count || performance.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const knownNodes = async (peers: Peers, address: string): Promise<number> =>
  (await askNodes(peers.peer(address))).length;
