import { wire } from "@headcut/plan";
import type { RowGroupLayout } from "../placement/split.ts";
import type { ShardEntry } from "./shard-entry.ts";
import type { BadShard } from "./shard-store.ts";
import type { ManifestShard, TableManifest } from "./table-manifest.ts";

const { fileConstant, flag, list, natural, object, omittable, tableColumn, text } = wire;

export const shardEntry = object<ShardEntry>({
  table: text,
  name: text,
  path: text,
  identity: text,
  sizeBytes: natural,
  rowCount: natural,
  rowGroups: list(object<RowGroupLayout>({ rowCount: natural, byteOffset: natural, byteLength: natural })),
  columns: list(tableColumn),
});

export const badShard = object<BadShard>({ table: text, name: text, reason: text });

export const manifestShard = object<ManifestShard>({
  name: text,
  sizeBytes: natural,
  sha256: text,
  identity: text,
  rowCount: natural,
  partition: omittable(text),
  constants: omittable(list(fileConstant)),
});

export const tableManifest = object<TableManifest>({
  table: text,
  tableId: text,
  createdAt: natural,
  isDropped: omittable(flag),
  replaces: omittable(list(object<Pick<ManifestShard, "name" | "identity">>({ name: text, identity: text }))),
  partitionedBy: omittable(text),
  copies: natural,
  shards: list(manifestShard),
});
