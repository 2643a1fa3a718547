import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { openParquetFile } from "@headcut/executor";
import { type ParquetFile, QueryError } from "@headcut/plan";
import { fileSha256 } from "./footer-hash.ts";
import { readManifests, writeManifest } from "./manifest-files.ts";
import { mergeManifest } from "./merge-manifests.ts";
import { type LocalShard, readShard } from "./read-entry.ts";
import { receiveFile, writeFailure } from "./receive-shard.ts";
import { openRetirement } from "./retirement.ts";
import { type DirectoryScan, isCurrent, type ShardFile, scanDirectory } from "./scan-directory.ts";
import { tableManifest } from "./shard-codec.ts";
import { SHARD_SCHEME, shardPath } from "./shard-entry.ts";
import { checkShardName, checkTableName } from "./shard-name.ts";
import type { BadShard, ShardListing, ShardStore } from "./shard-store.ts";
import { syncDirectory } from "./sync-directory.ts";
import type { ManifestShard, TableManifest } from "./table-manifest.ts";

/** Below the data directory; scans pass it over. */
const OWN_FOLDER = ".headcut";

/** Folders tell of files that come and go, but not of those that are written over in place: these are looked for so often. */
const FULL_CHECK_MS = 5000;

/** Opens a data directory, which is made if there is none. Throws QueryError "io", "corrupt-file" for a damaged manifest. */
export const openShardStore = async (directory: string): Promise<ShardStore> => {
  const manifestFolder = join(directory, OWN_FOLDER, "manifests");
  const incoming = join(directory, OWN_FOLDER, "incoming");
  await makeFolder(incoming);
  // What a process that was killed has left: none of it is a shard.
  for (const name of await readdir(incoming)) await rm(join(incoming, name), { force: true });

  const manifests = new Map((await readManifests(manifestFolder)).map((manifest) => [manifest.table, manifest]));
  let shards: ReadonlyMap<string, LocalShard> = new Map();
  let bad: readonly BadShard[] = [];
  let scanned: { readonly scan: DirectoryScan; readonly atMs: number } | undefined;
  let listing: ShardListing | undefined;
  const retirement = openRetirement((path) =>
    inTurn(async () => {
      const shard = shards.get(path);
      if (shard === undefined || !retirement.isGone(path)) return;
      await rm(shard.path, { force: true });
      replace(path, undefined);
      retirement.comeBack(path);
    }),
  );
  /** Of whole files, by local path and identity. */
  const checksums = new Map<string, string>();

  // One change at a time: each reads what the one before has left.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const look = async (): Promise<void> => {
    const atMs = Date.now();
    if (scanned !== undefined && bad.length === 0) {
      if (atMs - scanned.atMs < FULL_CHECK_MS && isCurrent(scanned.scan, scanned.atMs)) return;
    }
    const scan = scanDirectory(directory);
    const found = new Map<string, LocalShard>();
    const unreadable: BadShard[] = [];
    for (const file of scan.files) {
      const known = shards.get(shardPath(file.table, file.name));
      const result = await readAgain(file, known);
      if ("reason" in result) unreadable.push(result);
      else found.set(result.entry.path, result);
    }
    if (!sameShards(found, shards) || JSON.stringify(unreadable) !== JSON.stringify(bad)) listing = undefined;
    shards = found;
    bad = unreadable;
    scanned = { scan, atMs };
  };

  const replace = (path: string, shard: LocalShard | undefined): void => {
    const next = new Map(shards);
    if (shard === undefined) next.delete(path);
    else next.set(path, shard);
    shards = next;
    listing = undefined;
  };

  /** The files of a table that was dropped or replaced; of others in its folder nothing is known. */
  const abandon = (table: string, all: readonly Pick<ManifestShard, "name" | "identity">[]): void => {
    for (const { name, identity } of all) {
      const path = shardPath(table, name);
      if (shards.get(path)?.entry.identity === identity) retirement.abandon(path);
    }
  };

  const checksumOf = async ({ path, localIdentity }: LocalShard): Promise<string> => {
    const key = `${path}\n${localIdentity}`;
    const known = checksums.get(key);
    if (known !== undefined) return known;
    const sum = await fileSha256(path);
    checksums.set(key, sum);
    return sum;
  };

  const store: ShardStore = {
    directory,
    listing: () => {
      listing ??= makeListing(shards, bad, manifests, retirement.isGone);
      return listing;
    },
    list: () => store.listing().entries,
    refresh: () => inTurn(look),
    localFile: (file) => localFile(file, shards),
    describe: async (table, name) => {
      await store.refresh();
      const shard = shards.get(shardPath(table, name));
      if (shard === undefined || retirement.isGone(shard.entry.path)) return undefined;
      const { sizeBytes, identity, rowCount } = shard.entry;
      return { name, sizeBytes, sha256: await checksumOf(shard), identity, rowCount };
    },
    put: async (table, name, bytes, expected) => {
      checkTableName(table);
      checkShardName(name);
      const label = `shard ${name} of table ${table}`;
      const partial = await receiveFile(incoming, label, bytes, expected);
      try {
        await openParquetFile(partial); // Before it takes the place of a good one.
        return await inTurn(async () => {
          const folder = join(directory, table);
          await makeFolder(folder);
          const path = join(folder, name);
          retirement.comeBack(shardPath(table, name));
          await rename(partial, path);
          await syncDirectory(folder);
          const shard = await readShard({ table, name, path });
          checksums.set(`${path}\n${shard.localIdentity}`, expected.sha256);
          replace(shard.entry.path, shard);
          return shard.entry;
        });
      } catch (cause) {
        await rm(partial, { force: true });
        throw writeFailure(label, cause);
      }
    },
    promise: async (table, name, sha256) => {
      const path = shardPath(table, name);
      if (retirement.isLeaving(path)) return false;
      const known = await store.describe(table, name);
      return known?.sha256 === sha256 && retirement.promise(path);
    },
    retire: async (table, name, mayGo) => {
      const path = shardPath(table, name);
      if (!shards.has(path) || !(await retirement.leave(path, mayGo))) return false;
      listing = undefined;
      return true;
    },
    mergeManifests: (others) =>
      inTurn(async () => {
        let changed = false;
        for (const other of others) {
          checkTableName(other.table);
          const known = manifests.get(other.table);
          const merged = known === undefined ? other : mergeManifest(known, other);
          if (merged === known) continue;
          await writeManifest(manifestFolder, merged);
          manifests.set(other.table, merged);
          const { table, replaces = [] } = merged;
          if (merged.isDropped === true) abandon(table, merged.shards);
          if (known !== undefined && merged.tableId !== known.tableId) abandon(table, known.shards);
          abandon(table, replaces);
          changed = true;
        }
        if (changed) listing = undefined;
        return changed;
      }),
  };
  await store.refresh();
  // The process that was told may have ended before they were gone.
  for (const { table, isDropped, shards: own, replaces = [] } of manifests.values()) {
    if (isDropped === true) abandon(table, own);
    abandon(table, replaces);
  }
  return store;
};

const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new QueryError("io", `cannot make the folder ${folder}: ${(cause as Error).message}`, { cause });
  }
};

/** The shard as it is now; what cannot be read is told, and stops nothing else. */
const readAgain = async (file: ShardFile, known: LocalShard | undefined): Promise<LocalShard | BadShard> => {
  const { table, name } = file;
  try {
    const { identity } = await openParquetFile(file.path);
    return known?.localIdentity === identity && known.path === file.path ? known : await readShard(file);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { table, name, reason: error.message };
  }
};

const sameShards = (a: ReadonlyMap<string, LocalShard>, b: ReadonlyMap<string, LocalShard>): boolean =>
  a.size === b.size && [...a].every(([path, shard]) => b.get(path) === shard);

const localFile = (file: ParquetFile, shards: ReadonlyMap<string, LocalShard>): ParquetFile | undefined => {
  if (!file.path.startsWith(SHARD_SCHEME)) return file;
  const shard = shards.get(file.path);
  if (shard === undefined || shard.entry.identity !== file.identity) return undefined;
  return { ...file, path: shard.path, identity: shard.localIdentity };
};

const makeListing = (
  shards: ReadonlyMap<string, LocalShard>,
  bad: readonly BadShard[],
  manifests: ReadonlyMap<string, TableManifest>,
  isGone: (path: string) => boolean,
): ShardListing => {
  const listed = [...shards.values()].map(({ entry }) => entry).filter(({ path }) => !isGone(path));
  const entries = listed.sort((a, b) => (a.path < b.path ? -1 : 1));
  const known = [...manifests.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
  const content = [
    entries.map(({ path, identity }) => [path, identity]),
    bad,
    known.map((one) => tableManifest.encode(one)),
  ];
  const version = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32);
  return { version, entries, bad, manifests: known };
};
