import type { ClusterNodeHandle, MemberStatusOf, ShardStore } from "@headcut/coordinator";
import type { NodeLog } from "./node-log.ts";

const INTERVAL_MS = 500;

/** Logs what changes about a node: who comes and goes, and which files it cannot read. Returns what ends it. */
export const watchNode = (
  node: Pick<ClusterNodeHandle, "nodeId" | "status">,
  shards: Pick<ShardStore, "listing">,
  log: NodeLog,
): (() => void) => {
  let members = new Map<string, MemberStatusOf>();
  let bad = new Set<string>();
  const look = (): void => {
    const now = new Map(node.status().members.map((each) => [each.member.nodeId, each]));
    now.delete(node.nodeId);
    for (const [nodeId, each] of now) {
      const event = memberEvent(members.get(nodeId), each);
      if (event !== undefined) log(event, { node: nodeId, address: each.member.address });
    }
    for (const nodeId of members.keys()) if (!now.has(nodeId)) log("forgotten", { node: nodeId });
    members = now;
    const files = shards.listing().bad;
    const names = new Set(files.map(({ table, name, reason }) => `${table}/${name}: ${reason}`));
    for (const text of names) if (!bad.has(text)) log("bad-shard", { reason: text });
    bad = names;
  };
  look();
  const timer = setInterval(look, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
};

const memberEvent = (before: MemberStatusOf | undefined, now: MemberStatusOf): string | undefined => {
  const { status, incarnation } = now.member;
  if (before === undefined) return status === "alive" && now.health !== "lost" ? "joined" : undefined;
  if (before.member.incarnation !== incarnation) return "restarted";
  if (before.member.status !== status) return status === "alive" ? "joined" : status;
  if (before.health === now.health) return undefined;
  return now.health === "fresh" ? "found-again" : now.health;
};
