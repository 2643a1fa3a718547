import type { NodeId } from "../placement/cluster-node.ts";
import { isNewer, type Member, type MemberStatus } from "./member.ts";
import {
  DEFAULT_MEMBERSHIP,
  type Heartbeat,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipOptions,
  type MembershipState,
  type Peer,
} from "./membership-state.ts";

export const initialMembership = (
  self: Omit<Member, "counter" | "status" | "load">,
  clusterName: string,
  seeds: readonly string[],
  options: MembershipOptions = DEFAULT_MEMBERSHIP,
): MembershipState => ({
  self: { ...self, counter: 0, status: "alive", load: 0 },
  clusterName,
  peers: new Map(),
  seeds,
  beatAt: Number.NEGATIVE_INFINITY,
  probedAt: Number.NEGATIVE_INFINITY,
  options,
});

interface Draft {
  self: Member;
  readonly peers: Map<NodeId, Peer>;
  seeds: readonly string[];
  beatAt: number;
  probedAt: number;
  readonly effects: MembershipEffect[];
}

/**
 * Membership without a head: every node tells every other one, at each beat, which counters it has seen last (gossip-style failure
 * detection, van Renesse, Minsky and Hayden 1998). A counter that rises proves life, whoever passes it on, so a broken link between two
 * nodes is no loss. Pure; a `tick` is due every `heartbeatMs`.
 */
export const stepMembership = (
  state: MembershipState,
  event: MembershipEvent,
): { readonly state: MembershipState; readonly effects: readonly MembershipEffect[] } => {
  const { self, seeds, beatAt, probedAt, options } = state;
  const draft: Draft = { self, peers: new Map(state.peers), seeds, beatAt, probedAt, effects: [] };
  switch (event.kind) {
    case "tick":
      draft.self = { ...draft.self, load: event.load };
      age(draft, options, event.now);
      if (event.now - draft.beatAt >= options.heartbeatMs) beat(draft, state, event.now);
      break;
    case "heartbeat":
      receive(draft, state, event.heartbeat, event.now);
      break;
    case "seeds":
      draft.seeds = event.addresses;
      break;
    case "drain":
    case "leave": {
      const status: MemberStatus = event.kind === "drain" ? "draining" : "left";
      if (self.status === "left" || self.status === status) break;
      draft.self = { ...self, status };
      beat(draft, state, event.now);
    }
  }
  const { effects, ...rest } = draft;
  return { state: { ...state, ...rest }, effects };
};

const changed = (draft: Draft, to: Extract<MembershipEffect, { kind: "changed" }>["to"], member: Member): void => {
  draft.effects.push({ kind: "changed", nodeId: member.nodeId, to, member });
};

/** Suspects, loses and forgets peers that nothing was heard of. */
const age = (draft: Draft, options: MembershipOptions, now: number): void => {
  for (const [nodeId, peer] of draft.peers) {
    const silentMs = now - peer.heardAt;
    if (peer.health === "lost") {
      if (silentMs >= options.forgetAfterMs) draft.peers.delete(nodeId);
    } else if (silentMs >= options.lostAfterMs) {
      draft.peers.set(nodeId, { ...peer, health: "lost" });
      changed(draft, "lost", peer.member);
    } else if (silentMs >= options.suspectAfterMs && peer.health === "fresh") {
      draft.peers.set(nodeId, { ...peer, health: "suspect" });
      changed(draft, "suspect", peer.member);
    }
  }
};

/** What this node says of others: only what it heard lately itself, so that nobody is kept alive by hearsay. */
const heartbeatOf = (draft: Draft, { clusterName }: MembershipState, answer: boolean): Heartbeat => ({
  clusterName,
  from: draft.self,
  members: [...draft.peers.values()]
    .filter(({ health, member }) => health === "fresh" || member.status === "left")
    .map(({ member }) => member),
  answer,
});

const beat = (draft: Draft, state: MembershipState, now: number): void => {
  draft.beatAt = now;
  draft.self = { ...draft.self, counter: draft.self.counter + 1 };
  const probes = now - draft.probedAt >= state.options.probeMs;
  if (probes) draft.probedAt = now;
  const present = [...draft.peers.values()].filter(({ member }) => member.status !== "left");
  const known = new Set(present.filter(({ health }) => health !== "lost").map(({ member }) => member.address));
  const lost = present.filter(({ health }) => health === "lost").map(({ member }) => member.address);
  // Seeds that nobody answers from, and the lost: perhaps they are there again.
  const strangers = new Set([...draft.seeds, ...(probes ? lost : [])]);
  strangers.delete(draft.self.address);
  for (const address of known) {
    strangers.delete(address);
    draft.effects.push({ kind: "send", address, heartbeat: heartbeatOf(draft, state, false) });
  }
  for (const address of strangers) {
    draft.effects.push({ kind: "send", address, heartbeat: heartbeatOf(draft, state, true) });
  }
};

const receive = (draft: Draft, state: MembershipState, heartbeat: Heartbeat, now: number): void => {
  if (heartbeat.clusterName !== state.clusterName) return;
  meetTwins(draft, state, heartbeat);
  for (const member of [heartbeat.from, ...heartbeat.members]) learn(draft, member, now);
  if (heartbeat.answer && heartbeat.from.nodeId !== draft.self.nodeId && draft.self.status !== "left") {
    draft.effects.push({ kind: "send", address: heartbeat.from.address, heartbeat: heartbeatOf(draft, state, false) });
  }
};

const isSameProcess = (a: Member, b: Member): boolean => a.startedAt === b.startedAt && a.address === b.address;

const isLaterProcess = (a: Member, b: Member): boolean =>
  a.startedAt !== b.startedAt ? a.startedAt > b.startedAt : a.address > b.address;

/**
 * Another process with this node's id: the later of the two stops. The earlier tells it, and outdoes what others have heard
 * of it. Hearsay of an earlier process is of this node's own past.
 */
const meetTwins = (draft: Draft, state: MembershipState, { from, members }: Heartbeat): void => {
  for (const twin of [from, ...members]) {
    const { self } = draft;
    if (twin.nodeId !== self.nodeId || isSameProcess(twin, self)) continue;
    if (isLaterProcess(twin, self)) {
      draft.effects.push({ kind: "send", address: twin.address, heartbeat: heartbeatOf(draft, state, false) });
    } else if (twin === from && self.status !== "left") {
      draft.effects.push({ kind: "conflict", address: twin.address });
      return;
    }
    if (twin.incarnation >= self.incarnation) draft.self = { ...self, incarnation: twin.incarnation + 1 };
  }
};

const learn = (draft: Draft, member: Member, now: number): void => {
  const { self, peers } = draft;
  if (member.nodeId === self.nodeId) return;
  const known = peers.get(member.nodeId);
  if (known !== undefined && !isNewer(member, known.member)) return;
  if (member.status === "left") {
    peers.set(member.nodeId, { member, heardAt: now, health: "lost" });
    if (known !== undefined && known.member.status !== "left" && known.health !== "lost")
      changed(draft, "left", member);
    return;
  }
  peers.set(member.nodeId, { member, heardAt: now, health: "fresh" });
  const restarted = known !== undefined && member.incarnation > known.member.incarnation;
  if (known === undefined || restarted || known.health !== "fresh") changed(draft, "up", member);
  const wasDraining = known !== undefined && !restarted && known.member.status === "draining";
  if (member.status === "draining" && !wasDraining) changed(draft, "draining", member);
};
