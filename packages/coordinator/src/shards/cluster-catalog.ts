import type { Engine } from "@headcut/executor";
import type { ParquetFile, Table } from "@headcut/plan";
import type { ClusterNode, NodeId } from "../placement/cluster-node.ts";
import type { Split } from "../placement/split.ts";
import type { ShardMoves } from "./shard-moves.ts";
import type { ShardStore } from "./shard-store.ts";

/** A node as the catalog sees it. */
export interface CatalogNode {
  readonly nodeId: NodeId;
  readonly address: string;
  /** Lost ones and those that left are not asked. */
  readonly isAlive: boolean;
}

/** What a catalog needs of its node. */
export interface CatalogLinks {
  readonly nodeId: NodeId;
  readonly shards: ShardStore;
  /** All other nodes that are known, lost ones too. */
  peers(): readonly CatalogNode[];
  /** The node has just been started, and has not found the others yet: what it knows is not all there is. By default it never is. */
  isJoining?(): boolean;
  /** A unary call to a node of the cluster. */
  call(
    address: string,
    method: string,
    body: Uint8Array,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<Uint8Array>;
  /** How the node's engine looks at files that no catalog lists. Absent: local ones alone. */
  readonly openParquetFile?: Engine["openParquetFile"];
}

/** Where each shard of a table is. */
export interface ShardPlace {
  readonly table: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  /** Nodes that have a copy, lost ones too, by id; none for a shard that a manifest names and nobody has. */
  readonly holders: readonly NodeId[];
}

/** The tables of the whole cluster, as this node knows them. */
export interface ClusterCatalog {
  tableNames(): Promise<readonly string[]>;
  /**
   * The table of that name, its files at `shard:///` paths; undefined when there is none. Throws QueryError "io" naming a shard that nobody
   * has, "type-mismatch" naming two shards whose columns differ.
   */
  resolve(name: string): Promise<Table | undefined>;
  /** The file's splits: shards are held by the nodes that have copies, files of a store that all see can be read anywhere. */
  splitsOf(file: ParquetFile): Promise<readonly Split[]>;
  places(): Promise<readonly ShardPlace[]>;
  /** What is to be done about copies of loaded tables, now that these nodes live. */
  moves(living: readonly ClusterNode[]): Promise<ShardMoves>;
  /** Asks all peers again before the next answer: after a load, a failure to find a shard, a change of membership. */
  invalidate(): void;
  close(): void;
}
