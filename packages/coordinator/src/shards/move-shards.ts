import { type ParquetFile, QueryError } from "@headcut/plan";
import type { ClusterNode, NodeId } from "../placement/cluster-node.ts";
import type { Peers } from "../rpc/peer.ts";
import type { ClusterCatalog } from "./cluster-catalog.ts";
import { openPace } from "./pace.ts";
import { sendShard } from "./send-shard.ts";
import { type ShardEntry, shardPath } from "./shard-entry.ts";
import { keepAnswer, keepRequest } from "./shard-messages.ts";
import type { ShardCopy, ShardDrop } from "./shard-moves.ts";
import type { ShardStore } from "./shard-store.ts";
import type { ManifestShard } from "./table-manifest.ts";

export interface MoveOptions {
  readonly nodeId: NodeId;
  readonly shards: ShardStore;
  readonly catalog: ClusterCatalog;
  readonly peers: Pick<Peers, "peer">;
  /** The living nodes, this one among them. */
  readonly living: readonly (ClusterNode & { readonly address: string })[];
  readonly signal: AbortSignal;
  /** That are sent, at most: queries need the network and the disks too. */
  readonly bytesPerSecond: number;
  readonly onCopy?: ((copy: ShardCopy) => void) | undefined;
  readonly onDrop?: ((drop: ShardDrop) => void) | undefined;
}

const TIMEOUT_MS = 60_000;

/**
 * Makes the copies that are to come from this node, one after the other, and gives up its own that are too many, once each of the others' holders has
 * compared its checksum and promised to keep it. Throws QueryError.
 */
export const moveShards = async (options: MoveOptions): Promise<void> => {
  const { nodeId, catalog, living, signal, onCopy, onDrop } = options;
  const { copies, drops } = await catalog.moves(living);
  for (const copy of copies) {
    if (signal.aborted) return;
    if (copy.from !== nodeId || !(await send(options, copy))) continue;
    onCopy?.(copy);
    catalog.invalidate();
  }
  for (const drop of drops) {
    if (signal.aborted) return;
    if (drop.from !== nodeId || !(await giveUp(options, drop))) continue;
    onDrop?.(drop);
    catalog.invalidate();
  }
};

/** False when it is gone meanwhile. */
const send = async (options: MoveOptions, { table, name, to }: ShardCopy): Promise<boolean> => {
  const { shards, peers, living, signal, bytesPerSecond } = options;
  const entry = shards.list().find(({ path }) => path === shardPath(table, name));
  const local = entry && shards.localFile(fileOf(entry));
  const known = await shards.describe(table, name);
  const wanted = inManifest(shards, table, name);
  if (local === undefined || known === undefined || wanted === undefined) return false;
  if (known.sha256 !== wanted.sha256) {
    throw new QueryError("corrupt-file", `${local.path} has changed since it was loaded: its checksum is another`, {
      hint: "Remove it: it is copied from another node then.",
    });
  }
  const { sizeBytes, sha256 } = known;
  const { address } = living.find((node) => node.nodeId === to)!;
  const pace = openPace(bytesPerSecond, signal);
  await sendShard(peers.peer(address), { table, name, sizeBytes, sha256 }, local.path, { signal, pace });
  return true;
};

/** False when not all the others have promised to keep theirs. */
const giveUp = async (
  { shards, peers, living, signal }: MoveOptions,
  { table, name, keepers }: ShardDrop,
): Promise<boolean> => {
  const wanted = inManifest(shards, table, name);
  if (wanted === undefined) return false;
  const body = keepRequest.encode({ table, name, sha256: wanted.sha256 });
  const promises = async (keeper: NodeId): Promise<boolean> => {
    const { address } = living.find((node) => node.nodeId === keeper)!;
    const answer = await peers.peer(address).call("keepShard", body, { timeoutMs: TIMEOUT_MS, signal });
    return keepAnswer.decode(answer).isKept;
  };
  return shards.retire(table, name, async () => (await Promise.all(keepers.map(promises))).every((isKept) => isKept));
};

const inManifest = (shards: ShardStore, table: string, name: string): ManifestShard | undefined =>
  shards
    .listing()
    .manifests.find((manifest) => manifest.table === table)
    ?.shards.find((shard) => shard.name === name);

const fileOf = ({ path, sizeBytes, rowCount, identity }: ShardEntry): ParquetFile => ({
  path,
  sizeBytes,
  rowCount,
  identity,
});
