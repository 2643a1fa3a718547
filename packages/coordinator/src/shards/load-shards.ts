import { QueryError, type TableColumn } from "@headcut/plan";
import type { NodeId } from "../placement/cluster-node.ts";
import { DEFAULT_OWNER_COUNT } from "../placement/owners.ts";
import type { ClusterView } from "./cluster-view.ts";
import { checkSameColumns, type ShardSource } from "./describe-files.ts";
import { fitSource } from "./fit-source.ts";
import { placeShards } from "./place-shards.ts";
import { sendShard } from "./send-shard.ts";
import { checksumAnswer, checksumRequest, manifestMessage } from "./shard-messages.ts";
import { checkTableName } from "./shard-name.ts";
import { FIRST_TABLE, nextManifest, ofTable, replacement } from "./table-generations.ts";
import type { ManifestShard, TableManifest } from "./table-manifest.ts";
import { tablePartitions } from "./table-partitions.ts";

export interface LoadOptions {
  readonly table: string;
  readonly sources: readonly ShardSource[];
  readonly columns: readonly TableColumn[];
  /** Of each shard; at most one per node. */
  readonly copies?: number | undefined;
  /** A column whose values are in one file of the table each; see `tablePartitions`. */
  readonly partitionedBy?: string | undefined;
  /** The table is these files from then on, and no others. Queries see all of the old ones or all of the new. */
  readonly isReplacement?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that nodes have, of those that all copies have together. */
  readonly onProgress?: ((doneBytes: number, allBytes: number) => void) | undefined;
}

export interface LoadReport {
  readonly shards: number;
  readonly copies: number;
  readonly bytesSent: number;
  /** Copies that nodes had already. */
  readonly skipped: number;
  /** Bytes of the shards by node. */
  readonly bytesByNode: ReadonlyMap<NodeId, number>;
}

const PARALLEL_TRANSFERS = 4;
const TIMEOUT_MS = 60_000;

/**
 * Gives some files to a cluster as shards of a table, which is made if there is none: each file goes to as many nodes as there shall be copies.
 * Only when all are there is the manifest published that makes them part of the table. What an earlier load that was cut off has sent is not sent
 * again. Throws QueryError "already-exists" for another file of the same name in the table, "unsupported" for files in folders that are to be replaced, "invalid-argument" for files that are not partitioned as the
 * table is, "type-mismatch", "io", "cancelled".
 */
export const loadShards = async (view: ClusterView, options: LoadOptions): Promise<LoadReport> => {
  const { table, columns, copies = DEFAULT_OWNER_COUNT, signal, onProgress } = options;
  checkTableName(table);
  const known = view.tables.get(table);
  if (known?.problem !== undefined && known.copies === undefined) throw known.problem;
  const replaced = options.isReplacement === true ? replacedManifest(view, table) : undefined;
  const present = replaced === undefined ? (known?.shards ?? []) : [];
  const [example] = present;
  const fitting =
    example === undefined ? options.sources : options.sources.map((source) => fitSource(source, example.entry.columns));
  if (example !== undefined) checkSameColumns(table, columnsOf(fitting, columns), example.entry.columns);
  const manifest =
    replaced === undefined ? await manifestFor(view, table, copies, signal) : replacement(replaced, fitting, copies);
  const named = fitting.map((source) => ofTable(manifest, source));
  checkNames(manifest, named);
  const holders = new Map(present.map(({ entry, holders: nodes }) => [entry.name, nodes]));
  const partitioned = tablePartitions(
    manifest,
    present.map(({ entry }) => entry),
    named,
    options.partitionedBy,
  );
  const sources = named.map((source) => inPartition(source, partitioned?.partitions.get(source.shard.name)));
  // From here on the table is what its manifest says: shards on their way are not part of it yet. One that is to be replaced has a manifest.
  if (replaced === undefined) await publish(view, manifest, signal);

  const shards = sources.map(({ shard }) => shard);
  const places = placeShards(table, shards, view.nodes, copies, holders);
  const peers = new Map(view.nodes.map(({ nodeId, peer }) => [nodeId, peer]));
  const transfers = sources.flatMap((source) =>
    places.get(source.shard.name)!.map((nodeId) => ({ ...source, nodeId, peer: peers.get(nodeId)! })),
  );
  const allBytes = transfers.reduce((sum, { shard }) => sum + shard.sizeBytes, 0);
  const bytesByNode = new Map<NodeId, number>();
  let doneBytes = 0;
  let bytesSent = 0;
  let skipped = 0;
  const advance = (bytes: number): void => {
    doneBytes += bytes;
    onProgress?.(doneBytes, allBytes);
  };
  await inParallel(transfers, PARALLEL_TRANSFERS, async ({ path, shard, nodeId, peer }) => {
    const { name, sizeBytes, sha256 } = shard;
    const isNew = await sendShard(peer, { table, name, sizeBytes, sha256 }, path, { signal, onBytes: advance });
    if (isNew) bytesSent += sizeBytes;
    else {
      skipped++;
      advance(sizeBytes);
    }
    bytesByNode.set(nodeId, (bytesByNode.get(nodeId) ?? 0) + sizeBytes);
  });
  const partitionedBy = partitioned && { partitionedBy: partitioned.partitionedBy };
  await publish(view, { ...manifest, ...partitionedBy, copies, shards }, signal);
  return { shards: sources.length, copies: Math.min(copies, view.nodes.length), bytesSent, skipped, bytesByNode };
};

/** The columns of a load's files, in the types that they are to have in the table. */
const columnsOf = (sources: readonly ShardSource[], columns: readonly TableColumn[]): readonly TableColumn[] =>
  columns.map((column) => {
    for (const { columns: own } of sources) {
      const found = own.find(({ name }) => name === column.name);
      if (found !== undefined) return found;
    }
    return column;
  });

/** The manifest to add shards to: of a new table if there is none. */
const manifestFor = async (
  view: ClusterView,
  table: string,
  copies: number,
  signal: AbortSignal | undefined,
): Promise<TableManifest> => {
  const published = view.manifests.get(table) ?? (await firstManifest(view, table, copies, signal));
  return published.isDropped === true ? nextManifest(published, copies) : published;
};

/** The manifest of the table that is to be replaced; undefined if there is none. Throws QueryError "unsupported" for files that nobody has loaded. */
const replacedManifest = (view: ClusterView, table: string): TableManifest | undefined => {
  const published = view.manifests.get(table);
  if (published === undefined && view.tables.has(table)) {
    throw new QueryError("unsupported", `${table} is made of files that lie in the nodes' folders`, {
      hint: "Remove the files, then load the table.",
    });
  }
  return published?.isDropped === true ? undefined : published;
};

/** A manifest of what lies in the table's folders, if anything does: from now on the table has one. */
const firstManifest = async (
  view: ClusterView,
  table: string,
  copies: number,
  signal: AbortSignal | undefined,
): Promise<TableManifest> => {
  const [silent] = view.silent;
  if (silent !== undefined) {
    throw new QueryError("io", `node ${silent.nodeId} does not answer, and may have files of a table ${table}`, {
      hint: "Load the table's first shards when all nodes answer.",
    });
  }
  const shards: ManifestShard[] = [];
  const byHolder = new Map<NodeId, string[]>();
  for (const { entry, holders } of view.tables.get(table)?.shards ?? []) {
    const names = byHolder.get(holders[0]!) ?? [];
    byHolder.set(holders[0]!, [...names, entry.name]);
  }
  for (const [nodeId, names] of byHolder) {
    const { peer } = view.nodes.find((node) => node.nodeId === nodeId)!;
    const body = checksumRequest.encode({ table, names });
    const answer = checksumAnswer.decode(await peer.call("shardChecksums", body, { timeoutMs: TIMEOUT_MS, signal }));
    if (answer.shards.length < names.length) {
      throw new QueryError("io", `shards of table ${table} were removed while it was loaded`);
    }
    shards.push(...answer.shards);
  }
  return { table, ...FIRST_TABLE, copies, shards };
};

const inPartition = (source: ShardSource, partition: string | undefined): ShardSource =>
  partition === undefined ? source : { ...source, shard: { ...source.shard, partition } };

/** A table's shard keeps its content; that is what caches and copies rely on. */
const checkNames = (manifest: TableManifest, sources: readonly ShardSource[]): void => {
  const known = new Map(manifest.shards.map((shard) => [shard.name, shard]));
  for (const { path, shard } of sources) {
    const other = known.get(shard.name);
    if (other === undefined || other.sha256 === shard.sha256) continue;
    throw new QueryError("already-exists", `table ${manifest.table} has another shard ${shard.name} than ${path}`, {
      hint: "Rename the file, or load it into another table.",
    });
  }
};

export const publish = async (view: ClusterView, manifest: TableManifest, signal?: AbortSignal): Promise<void> => {
  const body = manifestMessage.encode(manifest);
  // To all: any node may be asked next. One that is not there now is told by the others when it is.
  await Promise.all(
    view.nodes.map(({ peer }) => peer.call("publishManifest", body, { timeoutMs: TIMEOUT_MS, signal })),
  );
};

/** The first failure stops the rest. */
const inParallel = async <T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> => {
  const queue = items.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failed) return;
      try {
        await work(item);
      } catch (cause) {
        failed = true;
        throw cause;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
};
