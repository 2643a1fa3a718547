import { QueryError } from "@headcut/plan";
import type { ClusterView } from "./cluster-view.ts";
import { publish } from "./load-shards.ts";

/**
 * Drops a loaded table: every node that answers writes down that it is no more, and removes its shards a minute later; the others are told by
 * these when they are back. False when there is none. Throws QueryError "unsupported" for files that nobody has loaded, "io".
 */
export const dropShards = async (view: ClusterView, table: string, signal?: AbortSignal): Promise<boolean> => {
  const manifest = view.manifests.get(table);
  if (manifest === undefined) {
    if (!view.tables.has(table)) return false;
    throw new QueryError("unsupported", `${table} is made of files that lie in the nodes' folders`, {
      hint: "Remove the files: the table is gone with them.",
    });
  }
  if (manifest.isDropped === true) return false;
  await publish(view, { ...manifest, isDropped: true }, signal);
  return true;
};
