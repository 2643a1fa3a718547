import type { CallHandler, StreamHandler } from "../rpc/server-options.ts";
import type { ClusterCatalog } from "./cluster-catalog.ts";
import {
  checksumAnswer,
  checksumRequest,
  keepAnswer,
  keepRequest,
  type ListingAnswer,
  listingAnswer,
  listingRequest,
  manifestMessage,
  type NodeAddress,
  nodesAnswer,
  putAnswer,
  putRequest,
} from "./shard-messages.ts";
import type { ShardStore } from "./shard-store.ts";

export interface ShardServicesOptions {
  readonly shards: ShardStore;
  readonly catalog: ClusterCatalog;
  /** The living nodes, this one among them. */
  nodes(): readonly NodeAddress[];
}

/** Entries of tables with many columns take a few KiB each. */
const ENTRIES_PER_PART = 500;

/** What a node answers about its shards; see shard-messages.ts. */
export const shardServices = ({
  shards,
  catalog,
  nodes,
}: ShardServicesOptions): {
  readonly calls: Readonly<Record<string, CallHandler>>;
  readonly streams: Readonly<Record<string, StreamHandler>>;
} => ({
  calls: {
    shards: async (body) => {
      const { known, from } = listingRequest.decode(body);
      if (from === 0) await shards.refresh();
      const { version, entries, bad, manifests } = shards.listing();
      if (known === version) return listingAnswer.encode({ kind: "unchanged" });
      const end = from + ENTRIES_PER_PART;
      const isFirst = from === 0;
      const part: ListingAnswer = {
        kind: "part",
        version,
        entries: entries.slice(from, end),
        ...(end < entries.length && { next: end }),
        bad: isFirst ? bad : [],
        manifests: isFirst ? manifests : [],
      };
      return listingAnswer.encode(part);
    },
    clusterNodes: async () => nodesAnswer.encode({ nodes: nodes() }),
    publishManifest: async (body) => {
      await shards.mergeManifests([manifestMessage.decode(body)]);
      // It names shards that others have got since they were asked.
      catalog.invalidate();
      return new Uint8Array();
    },
    shardChecksums: async (body) => {
      const { table, names } = checksumRequest.decode(body);
      const found = await Promise.all(names.map((name) => shards.describe(table, name)));
      return checksumAnswer.encode({ shards: found.filter((shard) => shard !== undefined) });
    },
    keepShard: async (body) => {
      const { table, name, sha256 } = keepRequest.decode(body);
      return keepAnswer.encode({ isKept: await shards.promise(table, name, sha256) });
    },
  },
  streams: {
    putShard: async (stream) => {
      const messages = stream[Symbol.asyncIterator]();
      const first = await messages.next();
      if (first.done === true) return;
      const { table, name, sizeBytes, sha256 } = putRequest.decode(first.value);
      const known = await shards.describe(table, name);
      if (known?.sizeBytes !== sizeBytes || known.sha256 !== sha256) {
        await stream.send(putAnswer.encode({ wanted: true }));
        const rest = { [Symbol.asyncIterator]: () => messages };
        await shards.put(table, name, rest, { sizeBytes, sha256 });
      }
      await stream.send(putAnswer.encode({ wanted: false }));
      stream.end();
    },
  },
});
