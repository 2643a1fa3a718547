import { type FileConstant, QueryError } from "@headcut/plan";
import type { NodeId } from "../placement/cluster-node.ts";
import { withConstants } from "./constant-columns.ts";
import { type ShardEntry, shardPath } from "./shard-entry.ts";
import type { ShardListing } from "./shard-store.ts";
import type { ManifestShard, TableManifest } from "./table-manifest.ts";

/** What one node holds; of a lost one, what it held when it was last asked. */
export interface NodeListing {
  readonly nodeId: NodeId;
  readonly isAlive: boolean;
  readonly listing: ShardListing;
}

export interface ClusterShard {
  /** With the columns that its table has of it: also those of `constants`. */
  readonly entry: ShardEntry;
  /** As in `ManifestShard`. */
  readonly constants?: readonly FileConstant[];
  /** Living ones first, then by id. A lost one may come back while a query waits for it. */
  readonly holders: readonly NodeId[];
  /** As in `ManifestShard`. */
  readonly partition?: string;
}

/** A table as all nodes together hold it. */
export interface ShardedTable {
  readonly name: string;
  /** Of each shard, as its manifest wants them; undefined without a manifest: its shards are whatever lies in its folders. */
  readonly copies: number | undefined;
  /** By name, in the order of bytes, as a glob lists files. */
  readonly shards: readonly ClusterShard[];
  /** Shards that a manifest names and nobody has. */
  readonly missing: readonly ManifestShard[];
  /** Why it cannot be queried. */
  readonly problem: QueryError | undefined;
}

interface Copy extends Pick<NodeListing, "nodeId" | "isAlive"> {
  readonly entry: ShardEntry;
}

/** All tables, by name. `manifests` are those of all nodes, merged. */
export const mergeListings = (
  listings: readonly NodeListing[],
  manifests: readonly TableManifest[],
): ReadonlyMap<string, ShardedTable> => {
  const copies = copiesByTable(listings);
  const reasons = badShards(listings);
  const tables = new Map<string, ShardedTable>();
  for (const manifest of manifests) {
    // What lies in its folder is on its way out, or of a load that is under way.
    if (manifest.isDropped === true) {
      copies.delete(manifest.table);
      reasons.delete(manifest.table);
      continue;
    }
    // None yet: the table is being loaded for the first time.
    const table = loadedTable(manifest, copies.get(manifest.table), reasons);
    if (manifest.shards.length > 0) tables.set(manifest.table, table);
    copies.delete(manifest.table);
    reasons.delete(manifest.table);
  }
  for (const name of new Set([...copies.keys(), ...reasons.keys()])) {
    tables.set(name, foundTable(name, copies.get(name) ?? new Map(), reasons.get(name)));
  }
  return tables;
};

type Copies = ReadonlyMap<string, readonly Copy[]>;

/** By table, then by shard. */
const copiesByTable = (listings: readonly NodeListing[]): Map<string, Map<string, Copy[]>> => {
  const tables = new Map<string, Map<string, Copy[]>>();
  const sorted = listings.toSorted((a, b) => Number(b.isAlive) - Number(a.isAlive) || (a.nodeId < b.nodeId ? -1 : 1));
  for (const { nodeId, isAlive, listing } of sorted) {
    for (const entry of listing.entries) {
      const shards = tables.get(entry.table) ?? new Map<string, Copy[]>();
      const copies = shards.get(entry.name) ?? [];
      copies.push({ nodeId, isAlive, entry });
      tables.set(entry.table, shards.set(entry.name, copies));
    }
  }
  return tables;
};

type Reasons = Map<string, Map<string, string>>;

/** What living nodes cannot read, and why, by table and shard. */
const badShards = (listings: readonly NodeListing[]): Reasons => {
  const tables: Reasons = new Map();
  for (const { nodeId, isAlive, listing } of listings) {
    if (!isAlive) continue;
    for (const { table, name, reason } of listing.bad) {
      const shards = tables.get(table) ?? new Map<string, string>();
      tables.set(table, shards.set(name, `node ${nodeId}: ${reason}`));
    }
  }
  return tables;
};

/** A table with a manifest: its shards and no others. */
const loadedTable = (manifest: TableManifest, copies: Copies | undefined, reasons: Reasons): ShardedTable => {
  const shards: ClusterShard[] = [];
  const missing: ManifestShard[] = [];
  for (const shard of manifest.shards) {
    const same = (copies?.get(shard.name) ?? []).filter(({ entry }) => entry.identity === shard.identity);
    if (same.length === 0) missing.push(shard);
    else shards.push(ofManifest(clusterShard(same), shard));
  }
  const name = manifest.table;
  const [first] = missing;
  const problem = first === undefined ? undefined : missingShard(name, first, missing.length, reasons.get(name));
  return { name, copies: manifest.copies, shards: shards.sort(byName), missing, problem };
};

const ofManifest = ({ entry, holders }: ClusterShard, { partition, constants }: ManifestShard): ClusterShard => ({
  entry:
    constants === undefined ? entry : { ...entry, columns: withConstants(entry.columns, constants, entry.rowCount) },
  holders,
  ...(partition !== undefined && { partition }),
  ...(constants !== undefined && { constants }),
});

/** A table made of the files that lie there. */
const foundTable = (name: string, copies: Copies, reasons: ReadonlyMap<string, string> | undefined): ShardedTable => {
  let problem: QueryError | undefined;
  for (const [shard, reason] of reasons ?? []) {
    if (!copies.has(shard))
      problem ??= new QueryError("corrupt-file", `a shard of table ${name} cannot be read: ${reason}`);
  }
  const shards = [...copies.values()].map((all) => {
    const living = all.filter(({ isAlive }) => isAlive);
    const [first, ...others] = living.length > 0 ? living : all;
    const other = others.find(({ entry }) => entry.identity !== first!.entry.identity);
    if (other !== undefined) problem ??= differentCopies(first!, other);
    return clusterShard(all.filter(({ entry }) => entry.identity === first!.entry.identity));
  });
  return { name, copies: undefined, shards: shards.sort(byName), missing: [], problem };
};

const clusterShard = (copies: readonly Copy[]): ClusterShard => ({
  entry: copies[0]!.entry,
  holders: copies.map(({ nodeId }) => nodeId),
});

const byName = (a: ClusterShard, b: ClusterShard): number =>
  Buffer.compare(Buffer.from(a.entry.name), Buffer.from(b.entry.name));

const missingShard = (
  table: string,
  { name }: ManifestShard,
  count: number,
  reasons: ReadonlyMap<string, string> | undefined,
): QueryError => {
  const others = count === 1 ? "" : `, nor ${count - 1} other shard${count === 2 ? "" : "s"} of the table`;
  const reason = reasons?.get(name);
  const why = reason === undefined ? "" : ` (${reason})`;
  return new QueryError("io", `no node that can be reached has ${shardPath(table, name)}${others}${why}`, {
    hint: "Start the nodes that have it, or load the table again.",
  });
};

const differentCopies = (a: Copy, b: Copy): QueryError =>
  new QueryError("io", `${a.entry.path} is not the same file on node ${a.nodeId} as on node ${b.nodeId}`, {
    hint: "Give different files different names; copies of one must be equal.",
  });
