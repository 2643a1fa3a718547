import type { NodesView, ViewChange, ViewNode } from "../coordinate/nodes-view.ts";
import type { Member } from "../membership/member.ts";
import {
  DEFAULT_MEMBERSHIP,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipOptions,
  type MembershipState,
} from "../membership/membership-state.ts";
import { initialMembership, stepMembership } from "../membership/step-membership.ts";
import type { Peers } from "../rpc/peer.ts";
import { decodeHeartbeat, encodeHeartbeat } from "./heartbeat-codec.ts";

export interface MembershipLoopOptions {
  readonly self: Omit<Member, "counter" | "status" | "load">;
  /** Of this node, now: see `Member`. */
  readonly load: () => number;
  readonly clusterName: string;
  readonly peers: Pick<Peers, "peer">;
  readonly options?: MembershipOptions | undefined;
  /** Another process, older than this one, has this node's id; once. */
  readonly onConflict: (address: string) => void;
}

/** One node's part in membership: beats, listens, tells what changed. */
export interface MembershipLoop {
  readonly view: NodesView;
  state(): MembershipState;
  /** This node first, then the others that are neither lost nor gone, by id. */
  members(): readonly Member[];
  /** What another node sent. Throws QueryError "io" for what is no heartbeat. */
  receive(heartbeat: Uint8Array): void;
  setSeeds(addresses: readonly string[]): void;
  drain(): void;
  /** Says goodbye; resolves when the others have heard it, or a moment later. */
  leave(): Promise<void>;
  close(): void;
}

const SEND_TIMEOUT_MS = 1000;

/** Carries out what `stepMembership` decides. The first beat is at the first `setSeeds`. */
export const openMembershipLoop = (loop: MembershipLoopOptions): MembershipLoop => {
  const { peers, clusterName, options = DEFAULT_MEMBERSHIP } = loop;
  let state = initialMembership(loop.self, clusterName, [], options);
  const listeners = new Set<(change: ViewChange) => void>();
  const sending = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const apply = (event: Happened): void => {
    if (closed) return;
    const next = stepMembership(state, { ...event, now: performance.now() } as MembershipEvent);
    state = next.state;
    for (const effect of next.effects) carryOut(effect);
  };
  const tick = (): void => apply({ kind: "tick", load: loop.load() });
  const carryOut = (effect: MembershipEffect): void => {
    switch (effect.kind) {
      case "send":
        send(effect);
        return;
      case "changed":
        announce(effect);
        return;
      case "conflict":
        loop.onConflict(effect.address);
    }
  };
  /** One at a time to each address: who does not answer is not flooded. A goodbye waits for its turn. */
  const send = ({ address, heartbeat }: Extract<MembershipEffect, { kind: "send" }>): void => {
    const before = sending.get(address);
    if (before !== undefined && heartbeat.from.status !== "left") return;
    const deliver = async (): Promise<void> => {
      await before;
      await peers.peer(address).call("heartbeat", encodeHeartbeat(heartbeat), { timeoutMs: SEND_TIMEOUT_MS });
    };
    const delivery: Promise<void> = deliver()
      // Silence is noticed by the clock; what exactly went wrong does not matter.
      .catch(() => undefined)
      .finally(() => {
        if (sending.get(address) === delivery) sending.delete(address);
      });
    sending.set(address, delivery);
  };
  const announce = ({ nodeId, to, member }: Extract<MembershipEffect, { kind: "changed" }>): void => {
    const change = changeOf(nodeId, to, member);
    if (change !== undefined) for (const listener of [...listeners]) listener(change);
  };

  const members = (): readonly Member[] => [
    state.self,
    ...[...state.peers.values()]
      .filter(({ health, member }) => health !== "lost" && member.status !== "left")
      .map(({ member }) => member)
      .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)),
  ];

  return {
    state: () => state,
    members,
    view: {
      nodes: () => members().map(viewNode),
      heardAt: (nodeId) => state.peers.get(nodeId)?.heardAt,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    receive: (bytes) => apply({ kind: "heartbeat", heartbeat: decodeHeartbeat(bytes) }),
    setSeeds: (addresses) => {
      apply({ kind: "seeds", addresses });
      if (timer !== undefined || closed) return;
      timer = setInterval(tick, options.heartbeatMs);
      tick();
    },
    drain: () => apply({ kind: "drain" }),
    leave: async () => {
      apply({ kind: "leave" });
      clearInterval(timer);
      await Promise.all(sending.values());
    },
    close: () => {
      closed = true;
      clearInterval(timer);
      listeners.clear();
    },
  };
};

type Happened = MembershipEvent extends infer E ? (E extends unknown ? Omit<E, "now"> : never) : never;

export const viewNode = ({ nodeId, address, weight, status, startedAt, load }: Member): ViewNode => ({
  nodeId,
  address,
  weight,
  startedAt,
  load,
  draining: status === "draining",
});

const changeOf = (
  nodeId: string,
  to: Extract<MembershipEffect, { kind: "changed" }>["to"],
  member: Member,
): ViewChange | undefined => {
  switch (to) {
    case "up":
      return { kind: "up", node: viewNode(member) };
    case "draining":
      return { kind: "draining", nodeId };
    case "lost":
    case "left":
      return { kind: "lost", nodeId };
    case "suspect":
      return undefined;
  }
};
