import { type ParquetFile, QueryError } from "@headcut/plan";
import type { ClusterNode, NodeId } from "../placement/cluster-node.ts";
import type { Peers } from "../rpc/peer.ts";
import type { ClusterCatalog } from "./cluster-catalog.ts";
import type { RepairCopy } from "./plan-repair.ts";
import { sendShard } from "./send-shard.ts";
import { type ShardEntry, shardPath } from "./shard-entry.ts";
import type { ShardStore } from "./shard-store.ts";

export interface RepairOptions {
  readonly nodeId: NodeId;
  readonly shards: ShardStore;
  readonly catalog: ClusterCatalog;
  readonly peers: Peers;
  /** The living nodes, this one among them. */
  readonly living: readonly (ClusterNode & { readonly address: string })[];
  readonly signal: AbortSignal;
  readonly onCopy?: ((copy: RepairCopy) => void) | undefined;
}

/** Makes the copies that are missing and that are to come from this node, one after the other. Throws QueryError. */
export const repairShards = async (options: RepairOptions): Promise<void> => {
  const { nodeId, shards, catalog, peers, living, signal, onCopy } = options;
  const addresses = new Map(living.map((node) => [node.nodeId, node.address]));
  for (const copy of await catalog.repairs(living)) {
    if (copy.from !== nodeId) continue;
    if (signal.aborted) return;
    const { table, name, to } = copy;
    const entry = shards.list().find(({ path }) => path === shardPath(table, name));
    const local = entry && shards.localFile(fileOf(entry));
    const known = await shards.describe(table, name);
    const wanted = shards
      .listing()
      .manifests.find((manifest) => manifest.table === table)
      ?.shards.find((shard) => shard.name === name);
    if (local === undefined || known === undefined || wanted === undefined) continue; // Gone meanwhile.
    if (known.sha256 !== wanted.sha256) {
      throw new QueryError("corrupt-file", `${local.path} has changed since it was loaded: its checksum is another`, {
        hint: "Remove it: it is copied from another node then.",
      });
    }
    const { sizeBytes, sha256 } = known;
    await sendShard(peers.peer(addresses.get(to)!), { table, name, sizeBytes, sha256 }, local.path, { signal });
    onCopy?.(copy);
    catalog.invalidate();
  }
};

const fileOf = ({ path, sizeBytes, rowCount, identity }: ShardEntry): ParquetFile => ({
  path,
  sizeBytes,
  rowCount,
  identity,
});
