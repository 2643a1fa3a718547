import type { FileConstant } from "@headcut/plan";

/** A shard that a table must have. */
export interface ManifestShard {
  readonly name: string;
  readonly sizeBytes: number;
  /** Of the whole file, in hex. */
  readonly sha256: string;
  /** As in `ShardEntry`. */
  readonly identity: string;
  readonly rowCount: number;
  /** In a table that is partitioned by a column: the text of its values, by which it is placed. */
  readonly partition?: string;
  /** As in `ParquetFile`: what the folders said that it was loaded from. */
  readonly constants?: readonly FileConstant[];
}

/**
 * What a loaded table consists of: these shards, no fewer, and no others that lie in its folder (those of a load that is under
 * way, or was cut off). Every node keeps it, so that one that has just been started, or has lost its disk, knows what there must be.
 */
export interface TableManifest {
  readonly table: string;
  /** Manifests of one id are merged as sets; of two ids the later replaces the other. */
  readonly tableId: string;
  /** Counts the tables that have had this name, from 0 on: one more than that of the table that was dropped or replaced before. */
  readonly createdAt: number;
  /** For good: whatever was or is loaded into the table of this id is no part of any table. Its files go. */
  readonly isDropped?: boolean;
  /** Shards of the table whose place it took: they go, unless they have gone. */
  readonly replaces?: readonly Pick<ManifestShard, "name" | "identity">[];
  /** The column whose values are in one shard each, or in shards that have no other; see `checkPartitions`. */
  readonly partitionedBy?: string;
  /** Of each shard, on nodes of their own. */
  readonly copies: number;
  /** By name. */
  readonly shards: readonly ManifestShard[];
}
