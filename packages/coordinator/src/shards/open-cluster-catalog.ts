import { openParquetFile } from "@headcut/executor";
import { type ParquetFile, QueryError, type Table } from "@headcut/plan";
import { type Split, splitFile } from "../placement/split.ts";
import type { CatalogLinks, ClusterCatalog } from "./cluster-catalog.ts";
import { type ClusterShard, mergeListings, type ShardedTable } from "./merge-listings.ts";
import { openPeerListings } from "./peer-listings.ts";
import { planMoves } from "./plan-moves.ts";
import { rowGroupLayouts } from "./read-entry.ts";
import { SHARD_SCHEME } from "./shard-entry.ts";
import { tableOf } from "./sharded-table.ts";

/** All tables, made of the listings of one moment. */
interface Snapshot {
  /** The listings' versions, and who lives. */
  readonly key: string;
  readonly tables: ReadonlyMap<string, ShardedTable>;
  /** By path, for files of any table. */
  readonly shards: ReadonlyMap<string, ClusterShard>;
  /** As they are asked for. */
  readonly resolved: Map<string, Table>;
  readonly splits: WeakMap<ParquetFile, readonly Split[]>;
}

/** Names as SQL has them: without regard to case, if that leaves no doubt. */
const findTable = ({ tables }: Snapshot, name: string): ShardedTable | undefined => {
  const exact = tables.get(name);
  if (exact !== undefined) return exact;
  const folded = name.toLowerCase();
  const found = [...tables.values()].filter((table) => table.name.toLowerCase() === folded);
  if (found.length <= 1) return found[0];
  throw new QueryError(
    "unknown-table",
    `${name} may be any of the tables ${found.map((table) => table.name).join(", ")}`,
    {
      hint: "Write the name as it is, in double quotes.",
    },
  );
};

interface Attempt {
  readonly table: Table | undefined;
  /** Copies of its shards may be on a node that has not answered yet: should those that are known be lost, they are needed. */
  readonly isPartial: boolean;
}

const lacksHolders = ({ copies = 0, shards }: ShardedTable): boolean =>
  shards.some(({ holders }) => holders.length < copies);

/** A table that is not there, or not whole, may only not be known yet: the others are asked again for so long. */
const PATIENCE_MS = 1500;
const PAUSE_MS = 100;
/** Copies that are known will do when those that a silent node may have are not heard of so soon. */
const SILENCE_MS = 500;

export const openClusterCatalog = (links: CatalogLinks): ClusterCatalog => {
  const { nodeId, shards } = links;
  const isJoining = (): boolean => links.isJoining?.() ?? false;
  const peers = openPeerListings(links);
  let snapshot: Snapshot | undefined;
  let silentSince: number | undefined;
  /** By the files of tables that were given out: a table may be dropped or replaced while a query of it is planned. */
  const origins = new WeakMap<ParquetFile, ClusterShard>();

  const current = async (): Promise<Snapshot> => {
    await Promise.all([shards.refresh(), peers.refresh()]);
    const others = peers.listings();
    await shards.mergeManifests(others.flatMap(({ listing }) => listing.manifests));
    const listings = [{ nodeId, isAlive: true, listing: shards.listing() }, ...others];
    const key = listings.map((one) => `${one.nodeId} ${one.isAlive} ${one.listing.version}`).join("\n");
    if (snapshot?.key !== key) snapshot = makeSnapshot(key, mergeListings(listings, shards.listing().manifests));
    return snapshot;
  };

  /** Whether there is a node to wait for: one that has not said what it has, and has not been waited for already. */
  const isSilenceNew = (): boolean => {
    if (peers.silent().length === 0) silentSince = undefined;
    else silentSince ??= performance.now();
    return silentSince !== undefined && performance.now() < silentSince + SILENCE_MS;
  };

  /** The reason why not while a node that may know better has not answered. */
  const attempt = async (name: string): Promise<Attempt | QueryError> => {
    const now = await current();
    const found = findTable(now, name);
    const isPartial = found !== undefined && isSilenceNew() && lacksHolders(found);
    const known = now.resolved.get(name);
    if (known !== undefined) return { table: known, isPartial };
    if (found?.copies === undefined) {
      if (isJoining()) return unjoined(name, nodeId);
      const [silent] = peers.silent();
      if (silent !== undefined) return unheard(name, silent);
    }
    if (found === undefined) return { table: undefined, isPartial };
    if (found.missing.length > 0) return found.problem!;
    const table = tableOf(found);
    now.resolved.set(name, table);
    if (table.source.kind === "parquet") {
      for (const [i, file] of table.source.files.entries()) origins.set(file, found.shards[i]!);
    }
    return { table, isPartial };
  };

  return {
    tableNames: async () => [...(await current()).tables.keys()].sort(),
    resolve: async (name) => {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const result = await attempt(name);
        if (!(result instanceof QueryError)) {
          if (!result.isPartial) return result.table;
        } else if (performance.now() > deadline && !isJoining()) throw result;
        peers.invalidate();
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    },
    splitsOf: async (file) => {
      if (!file.path.startsWith(SHARD_SCHEME))
        return splitsElsewhere(file, nodeId, links.openParquetFile ?? openParquetFile);
      const { shards: known, splits } = snapshot ?? (await current());
      const cut = splits.get(file);
      if (cut !== undefined) return cut;
      const shard = known.get(file.path) ?? origins.get(file);
      if (shard === undefined || shard.entry.identity !== file.identity) {
        throw new QueryError("io", `${file.path} has changed since the query was planned`, {
          hint: "Run the query again.",
        });
      }
      const { rowGroups, columns } = shard.entry;
      const fresh = splitFile(file, rowGroups, { kind: "held", by: shard.holders }, { columns });
      splits.set(file, fresh);
      return fresh;
    },
    places: async () => {
      const { tables } = await current();
      return [...tables.values()].flatMap(({ shards: present, missing, name: table }) => [
        ...present.map(({ entry, holders }) => {
          const { name, sizeBytes, rowCount } = entry;
          return { table, name, sizeBytes, rowCount, holders };
        }),
        ...missing.map(({ name, sizeBytes, rowCount }) => ({ table, name, sizeBytes, rowCount, holders: [] })),
      ]);
    },
    moves: async (living) => planMoves((await current()).tables.values(), living),
    invalidate: peers.invalidate,
    close: peers.close,
  };
};

const makeSnapshot = (key: string, tables: ReadonlyMap<string, ShardedTable>): Snapshot => ({
  key,
  tables,
  shards: new Map([...tables.values()].flatMap((table) => table.shards.map((shard) => [shard.entry.path, shard]))),
  resolved: new Map(),
  splits: new WeakMap(),
});

const unjoined = (table: string, nodeId: string): QueryError =>
  new QueryError("io", `node ${nodeId} has not found the others yet, which may have shards of a table ${table}`);

const unheard = (table: string, nodeId: string): QueryError =>
  new QueryError("io", `node ${nodeId} does not answer, and may have shards of a table ${table}`, {
    hint: "Run the query again when it does, or when it is known to be lost.",
  });

/** `scheme://…`: a store that all nodes see. */
const isRemote = (path: string): boolean => /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(path);

/** Files that no catalog lists: of a store, or of the disk of the node that runs the query. */
const splitsElsewhere = async (
  file: ParquetFile,
  nodeId: string,
  open: NonNullable<CatalogLinks["openParquetFile"]>,
): Promise<readonly Split[]> => {
  const info = await open(file.path, file.identity, { sizeBytes: file.sizeBytes });
  const reach = isRemote(file.path) ? ({ kind: "anywhere" } as const) : ({ kind: "held", by: [nodeId] } as const);
  return splitFile(file, rowGroupLayouts(info), reach);
};
