import { type ClusterNodeHandle, moveShards } from "@headcut/coordinator";
import { QueryError } from "@headcut/plan";
import type { NodeLog } from "./node-log.ts";

const MIN_INTERVAL_MS = 200;
const MAX_INTERVAL_MS = 10_000;

/** What a node sends at most when it copies shards, one at a time. */
const BYTES_PER_SECOND = 64 * 1024 * 1024;

/**
 * Gives shards the copies they lack when a node is gone for good, and nodes that have joined their share: when the nodes that live have been the
 * same for `afterMs`. Returns what ends it.
 */
export const keepCopies = (node: ClusterNodeHandle, afterMs: number, log: NodeLog): (() => void) => {
  if (afterMs === Number.POSITIVE_INFINITY) return () => undefined;
  const stop = new AbortController();
  let members = "";
  let since = performance.now();
  let reason = "";
  const look = async (): Promise<void> => {
    const living = node.members().filter(({ status }) => status === "alive");
    const now = living.map(({ nodeId, incarnation }) => `${nodeId} ${incarnation}`).join();
    if (now !== members) {
      members = now;
      since = performance.now();
    }
    if (performance.now() - since < afterMs) return;
    const { nodeId, shards, catalog, peers } = node;
    await moveShards({
      nodeId,
      shards,
      catalog,
      peers,
      living,
      signal: stop.signal,
      bytesPerSecond: BYTES_PER_SECOND,
      onDrop: ({ table, name }) => log("given-up", { table, shard: name }),
      onCopy: ({ table, name, to }) => log("copied", { table, shard: name, to }),
    });
    reason = "";
  };
  const failed = (cause: unknown): void => {
    if (stop.signal.aborted) return;
    if (!(cause instanceof QueryError)) throw cause;
    // It is tried again; once is enough to say so.
    if (cause.message !== reason) log("not-copied", { reason: cause.message, hint: cause.hint });
    reason = cause.message;
  };
  let busy = false;
  const timer = setInterval(
    async () => {
      if (busy) return;
      busy = true;
      await look().catch(failed);
      busy = false;
    },
    Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, afterMs / 2)),
  );
  timer.unref();
  return () => {
    clearInterval(timer);
    stop.abort();
  };
};
