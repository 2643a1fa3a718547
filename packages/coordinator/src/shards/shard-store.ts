import type { ParquetFile } from "@headcut/plan";
import type { ShardEntry } from "./shard-entry.ts";
import type { ManifestShard, TableManifest } from "./table-manifest.ts";

/** A file in a table's folder that cannot be read as Parquet. */
export interface BadShard {
  readonly table: string;
  readonly name: string;
  readonly reason: string;
}

/** What a node holds, at one moment. */
export interface ShardListing {
  /** Of the content: another one whenever anything below differs. */
  readonly version: string;
  /** By path. */
  readonly entries: readonly ShardEntry[];
  /** Queries of their tables fail, unless another node has a good copy: rows are never left out silently. */
  readonly bad: readonly BadShard[];
  /** By table. */
  readonly manifests: readonly TableManifest[];
}

/** One node's data directory: the Parquet files in it, and the manifests of the tables it knows of. */
export interface ShardStore {
  readonly directory: string;
  /** As of the last `refresh`. */
  listing(): ShardListing;
  list(): readonly ShardEntry[];
  /** Looks for files that came, went or changed; cheap when none did. Throws QueryError "io" when the directory cannot be read. */
  refresh(): Promise<void>;
  /**
   * The shard as the executor reads it: its path on this disk, and the identity it has there. Undefined when this node has no
   * copy, or one of other content. Paths that are not of shards are returned as they are.
   */
  localFile(file: ParquetFile): ParquetFile | undefined;
  /** The shard as a manifest names it, whole file's checksum included; undefined when it is not there. */
  describe(table: string, name: string): Promise<ManifestShard | undefined>;
  /**
   * Keeps a shard: under a temporary name until all bytes have come, were found to be those expected, and are on the disk. Replaces one of the
   * same name. Throws QueryError "io" for a wrong size or checksum, "corrupt-file" for what is no Parquet file, "invalid-argument" for a name
   * that cannot be a file's, and what reading the bytes throws.
   */
  put(
    table: string,
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    expected: { readonly sizeBytes: number; readonly sha256: string },
  ): Promise<ShardEntry>;
  /**
   * Promises to keep the shard for the next minute: false when there is no copy of this checksum, or when it is about to be retired. So
   * of several nodes that each rely on the others' copies, no two give up theirs.
   */
  promise(table: string, name: string, sha256: string): Promise<boolean>;
  /**
   * Gives up a shard when `mayGo` says so, unless that was promised not to be: it is listed no more, and its file is removed a minute later, so that
   * queries that have begun may read it. False when it stays.
   */
  retire(table: string, name: string, mayGo: () => Promise<boolean>): Promise<boolean>;
  /** Takes in what other nodes know; true when anything was new. */
  mergeManifests(manifests: readonly TableManifest[]): Promise<boolean>;
}
