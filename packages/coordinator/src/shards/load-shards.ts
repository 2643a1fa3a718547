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
 * again. Throws QueryError "already-exists" for another file of the same name in the table, "invalid-argument" for files that are not partitioned as the
 * table is, "type-mismatch", "io", "cancelled".
 */
export const loadShards = async (view: ClusterView, options: LoadOptions): Promise<LoadReport> => {
  const { table, columns, copies = DEFAULT_OWNER_COUNT, signal, onProgress } = options;
  checkTableName(table);
  const known = view.tables.get(table);
  if (known?.problem !== undefined && known.copies === undefined) throw known.problem;
  const [example] = known?.shards ?? [];
  const fitting =
    example === undefined ? options.sources : options.sources.map((source) => fitSource(source, example.entry.columns));
  if (example !== undefined) checkSameColumns(table, columnsOf(fitting, columns), example.entry.columns);
  const published = view.manifests.get(table) ?? (await firstManifest(view, table, copies, signal));
  const manifest = published.isDropped === true ? nextManifest(published, copies) : published;
  const named = fitting.map((source) => ofTable(manifest, source));
  checkNames(manifest, named);
  const present = new Map(known?.shards.map(({ entry, holders }) => [entry.name, holders]) ?? []);
  const partitioned = tablePartitions(
    manifest,
    known?.shards.map(({ entry }) => entry) ?? [],
    named,
    options.partitionedBy,
  );
  const sources = named.map((source) => inPartition(source, partitioned?.partitions.get(source.shard.name)));
  // From here on the table is what its manifest says: shards on their way are not part of it yet.
  await publish(view, manifest, signal);

  const shards = sources.map(({ shard }) => shard);
  const places = placeShards(table, shards, view.nodes, copies, present);
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

/** The same whoever makes a table: of two that do at once, neither loses its shards. */
const FIRST_TABLE: Pick<TableManifest, "tableId" | "createdAt"> = { tableId: "first", createdAt: 0 };

/** The table that is made where one was dropped, the same whoever makes it. */
const nextManifest = ({ table, createdAt }: TableManifest, copies: number): TableManifest => ({
  table,
  tableId: `table ${createdAt + 1}`,
  createdAt: createdAt + 1,
  copies,
  shards: [],
});

/** Files of a table that was dropped may still be there: those of the next one of the name have names of their own. */
const ofTable = ({ createdAt }: TableManifest, source: ShardSource): ShardSource => {
  if (createdAt === 0) return source;
  return { ...source, shard: { ...source.shard, name: `t${createdAt}-${source.shard.name}` } };
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
