import type { TableColumn } from "@headcut/plan";
import type { RowGroupLayout } from "../placement/split.ts";

/** A Parquet file on a node's disk, as its footer describes it. */
export interface ShardEntry {
  readonly table: string;
  /** The file's name: `part-00003.parquet`. */
  readonly name: string;
  /** `shard:///table/name`: the same on every node that has a copy. */
  readonly path: string;
  /** `size-hash of the footer`: equal for all copies, whatever disk they lie on. */
  readonly identity: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly rowGroups: readonly RowGroupLayout[];
  /** With this file's statistics alone. */
  readonly columns: readonly TableColumn[];
}

export const SHARD_SCHEME = "shard:///";

export const shardPath = (table: string, name: string): string => `${SHARD_SCHEME}${table}/${name}`;
