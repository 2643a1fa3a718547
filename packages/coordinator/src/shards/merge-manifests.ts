import type { ManifestShard, TableManifest } from "./table-manifest.ts";

/** Whether `a` is of a later table than `b`, of the same name. Every node decides alike. */
const isLater = (a: TableManifest, b: TableManifest): boolean =>
  a.createdAt !== b.createdAt ? a.createdAt > b.createdAt : a.tableId > b.tableId;

/**
 * Two nodes' manifests of one table: of one id, all shards of both, dropped if either is; otherwise the later one. In whatever order manifests meet, the
 * result is the same. Returns `a` itself when `b` adds nothing.
 */
export const mergeManifest = (a: TableManifest, b: TableManifest): TableManifest => {
  if (a.tableId !== b.tableId) return isLater(b, a) ? b : a;
  const shards = new Map(a.shards.map((shard) => [shard.name, shard]));
  const isDropped = a.isDropped === true || b.isDropped === true;
  const partitionedBy = [a.partitionedBy, b.partitionedBy].filter((column) => column !== undefined).sort()[0];
  const replaces = unitedReplaced(a.replaces, b.replaces);
  let changed =
    replaces !== a.replaces ||
    b.copies > a.copies ||
    isDropped !== (a.isDropped === true) ||
    partitionedBy !== a.partitionedBy;
  for (const shard of b.shards) {
    const known = shards.get(shard.name);
    if (known !== undefined && keyOf(known) >= keyOf(shard)) continue;
    shards.set(shard.name, shard);
    changed = true;
  }
  if (!changed) return a;
  const all = [...shards.values()].sort(byName);
  return {
    ...a,
    ...(isDropped && { isDropped }),
    ...(replaces !== undefined && { replaces }),
    ...(partitionedBy !== undefined && { partitionedBy }),
    copies: Math.max(a.copies, b.copies),
    shards: all,
  };
};

/** `a` itself when `b` adds nothing. */
const unitedReplaced = (a: TableManifest["replaces"], b: TableManifest["replaces"]): TableManifest["replaces"] => {
  const keyed = (shards: TableManifest["replaces"] = []) =>
    shards.map((shard) => [`${shard.name} ${shard.identity}`, shard] as const);
  const all = new Map([...keyed(a), ...keyed(b)]);
  if (all.size === (a?.length ?? 0)) return a;
  return [...all].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, shard]) => shard);
};

/** Loads refuse a second content for a name; two that run at once cannot know of each other, but must end alike everywhere. */
const keyOf = ({ sha256, sizeBytes, identity, rowCount, partition = "", constants = [] }: ManifestShard): string => {
  const values = constants.map(({ name, type, value }) => [name, type, String(value)]);
  return `${sha256} ${sizeBytes} ${identity} ${rowCount} ${partition} ${JSON.stringify(values)}`;
};

const byName = (a: ManifestShard, b: ManifestShard): number => (a.name < b.name ? -1 : 1);
