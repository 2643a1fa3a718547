import { wire } from "@headcut/plan";
import type { NodeId } from "../placement/cluster-node.ts";
import { badShard, manifestShard, shardEntry, tableManifest } from "./shard-codec.ts";
import type { ShardEntry } from "./shard-entry.ts";
import type { BadShard } from "./shard-store.ts";
import type { ManifestShard, TableManifest } from "./table-manifest.ts";

/** What nodes ask each other about shards: kinds of messages, by the method that carries them. */
const { decodeMessage, encodeMessage, flag, list, natural, object, omittable, text, union } = wire;

interface Message<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const message = <T>(kind: string, codec: wire.Codec<T>): Message<T> => ({
  encode: (value) => encodeMessage(kind, codec, value),
  decode: (bytes) => decodeMessage(kind, codec, bytes),
});

/** Method "shards": what a node holds, in parts that are small enough for a message. */
export interface ListingRequest {
  /** The version that the caller has. */
  readonly known?: string;
  /** The first entry wanted: 0, or where the part before ended. */
  readonly from: number;
}

export type ListingAnswer =
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "part";
      readonly version: string;
      readonly entries: readonly ShardEntry[];
      /** Where the next part begins; absent in the last. */
      readonly next?: number;
      /** In the first part alone. */
      readonly bad: readonly BadShard[];
      readonly manifests: readonly TableManifest[];
    };

export const listingRequest = message(
  "shards request",
  object<ListingRequest>({ known: omittable(text), from: natural }),
);

export const listingAnswer = message(
  "shards answer",
  union<ListingAnswer>(() => ({
    unchanged: {},
    part: {
      version: text,
      entries: list(shardEntry),
      next: omittable(natural),
      bad: list(badShard),
      manifests: list(tableManifest),
    },
  })),
);

/** Method "publishManifest": shards a table has from now on. Answered when the node has written it down. */
export const manifestMessage = message("table manifest", tableManifest);

/** Method "shardChecksums": what a manifest would say of these shards; those that the node lacks are left out. */
export interface ChecksumRequest {
  readonly table: string;
  readonly names: readonly string[];
}

export const checksumRequest = message(
  "checksums request",
  object<ChecksumRequest>({ table: text, names: list(text) }),
);
export const checksumAnswer = message(
  "checksums answer",
  object<{ readonly shards: readonly ManifestShard[] }>({ shards: list(manifestShard) }),
);

/** Method "clusterNodes": the living nodes, as the one that is asked knows them. */
export interface NodeAddress {
  readonly nodeId: NodeId;
  readonly address: string;
  readonly weight: number;
}

export const nodesAnswer = message(
  "nodes",
  object<{ readonly nodes: readonly NodeAddress[] }>({
    nodes: list(object<NodeAddress>({ nodeId: text, address: text, weight: wire.float })),
  }),
);

/** Stream "putShard": this, then an answer, then the bytes, then an answer. */
export interface PutRequest {
  readonly table: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export const putRequest = message(
  "shard",
  object<PutRequest>({ table: text, name: text, sizeBytes: natural, sha256: text }),
);
/** `wanted`: whether the bytes are to be sent; not those that the node has. Once they are kept it answers again, with false. */
export const putAnswer = message("shard answer", object<{ readonly wanted: boolean }>({ wanted: flag }));

/** Method "keepShard", answered with whether the node has this very shard, and promises to keep it for a minute. */
export interface KeepRequest {
  readonly table: string;
  readonly name: string;
  readonly sha256: string;
}

export const keepRequest = message("shard to keep", object<KeepRequest>({ table: text, name: text, sha256: text }));
export const keepAnswer = message("shard kept", object<{ readonly isKept: boolean }>({ isKept: flag }));
