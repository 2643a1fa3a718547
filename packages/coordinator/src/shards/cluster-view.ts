import { QueryError } from "@headcut/plan";
import type { Peer, Peers } from "../rpc/peer.ts";
import { mergeListings, type NodeListing, type ShardedTable } from "./merge-listings.ts";
import { mergeManifest } from "./merge-manifests.ts";
import { readListing } from "./peer-listings.ts";
import { listingAnswer, listingRequest, type NodeAddress, nodesAnswer } from "./shard-messages.ts";
import type { TableManifest } from "./table-manifest.ts";

/** A cluster as it is seen from outside: by who loads tables, or asks where shards are. */
export interface ClusterView {
  readonly nodes: readonly (NodeAddress & { readonly peer: Peer })[];
  /** Nodes that are said to live, but did not answer: what they hold is not known. */
  readonly silent: readonly NodeAddress[];
  readonly tables: ReadonlyMap<string, ShardedTable>;
  readonly manifests: ReadonlyMap<string, TableManifest>;
}

const TIMEOUT_MS = 10_000;

/** Asks the first of the addresses that answers who there is, and each of these what it holds. Throws QueryError "io". */
export const viewCluster = async (
  peers: Peers,
  addresses: readonly string[],
  signal?: AbortSignal,
): Promise<ClusterView> => {
  const options = { timeoutMs: TIMEOUT_MS, signal };
  const known = await firstAnswer(addresses, (address) => askNodes(peers.peer(address), signal));
  const asked = await Promise.allSettled(
    known.map(async (node) => {
      const peer = peers.peer(node.address);
      const listing = await readListing(
        async (request) => listingAnswer.decode(await peer.call("shards", listingRequest.encode(request), options)),
        undefined,
      );
      return { ...node, peer, listing: listing! };
    }),
  );
  signal?.throwIfAborted();
  const nodes = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const silent = known.filter((_, i) => asked[i]!.status === "rejected");
  const listings = nodes.map(({ nodeId, listing }): NodeListing => ({ nodeId, isAlive: true, listing }));
  const manifests = new Map<string, TableManifest>();
  for (const manifest of listings.flatMap(({ listing }) => listing.manifests)) {
    const other = manifests.get(manifest.table);
    manifests.set(manifest.table, other === undefined ? manifest : mergeManifest(other, manifest));
  }
  return { nodes, silent, tables: mergeListings(listings, [...manifests.values()]), manifests };
};

/** The living nodes, as one of them knows them. Throws QueryError "io". */
export const askNodes = async (peer: Peer, signal?: AbortSignal): Promise<readonly NodeAddress[]> =>
  nodesAnswer.decode(await peer.call("clusterNodes", new Uint8Array(), { timeoutMs: TIMEOUT_MS, signal })).nodes;

const firstAnswer = async <T>(addresses: readonly string[], ask: (address: string) => Promise<T>): Promise<T> => {
  let failure: unknown = new QueryError("invalid-argument", "no address of a node was given");
  for (const address of addresses) {
    try {
      return await ask(address);
    } catch (cause) {
      failure = cause;
    }
  }
  throw failure;
};
