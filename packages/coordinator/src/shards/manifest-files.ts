import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { QueryError, wire } from "@headcut/plan";
import { tableManifest } from "./shard-codec.ts";
import { syncDirectory } from "./sync-directory.ts";
import type { TableManifest } from "./table-manifest.ts";

const KIND = "table manifest";
const EXTENSION = ".json";

/** The manifests in a folder. Throws QueryError "corrupt-file" for one that is damaged: it says which shards must be there. */
export const readManifests = async (folder: string): Promise<readonly TableManifest[]> => {
  await mkdir(folder, { recursive: true });
  const manifests: TableManifest[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if (name.endsWith(EXTENSION)) manifests.push(await readManifest(path));
    else await rm(path, { force: true }); // Cut off while it was written.
  }
  return manifests;
};

const readManifest = async (path: string): Promise<TableManifest> => {
  const bytes = await readFile(path);
  try {
    return wire.decodeMessage(KIND, tableManifest, bytes);
  } catch (cause) {
    throw new QueryError("corrupt-file", `${path} is damaged: ${(cause as Error).message}`, {
      cause,
      hint: "Remove it: the other nodes give it to this one again.",
    });
  }
};

/** Replaces the table's manifest, whole or not at all. */
export const writeManifest = async (folder: string, manifest: TableManifest): Promise<void> => {
  const path = join(folder, `${encodeURIComponent(manifest.table)}${EXTENSION}`);
  const partial = `${path}.${randomUUID()}.partial`;
  const file = await open(partial, "wx");
  try {
    await file.writeFile(wire.encodeMessage(KIND, tableManifest, manifest));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await syncDirectory(folder);
};
