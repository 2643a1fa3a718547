import type { ClusterNode, NodeId } from "../placement/cluster-node.ts";
import type { Member } from "./member.ts";

/** Times in ms. */
export interface MembershipOptions {
  readonly heartbeatMs: number;
  /** No news of a peer for so long: it is suspected, which changes nothing but what people see. */
  readonly suspectAfterMs: number;
  /** … for so long: it is lost; its shards' other owners take over. */
  readonly lostAfterMs: number;
  /** Lost peers are called so often, since it may be the network that was lost. */
  readonly probeMs: number;
  /** A peer that was lost or left is forgotten after so long. */
  readonly forgetAfterMs: number;
}

export const DEFAULT_MEMBERSHIP: MembershipOptions = {
  heartbeatMs: 500,
  suspectAfterMs: 2000,
  lostAfterMs: 5000,
  probeMs: 5000,
  forgetAfterMs: 600_000,
};

export interface Peer {
  readonly member: Member;
  /** When its counter last rose, on this node's clock; nobody else's clock matters. */
  readonly heardAt: number;
  readonly health: "fresh" | "suspect" | "lost";
}

/** What one node knows of its cluster. Plain data. */
export interface MembershipState {
  readonly self: Member;
  /** Nodes with another are not of this cluster. */
  readonly clusterName: string;
  readonly peers: ReadonlyMap<NodeId, Peer>;
  /** Addresses to begin with: a list, or what DNS answered. */
  readonly seeds: readonly string[];
  readonly beatAt: number;
  readonly probedAt: number;
  readonly options: MembershipOptions;
}

/** From node to node; nothing else is ever said. */
export interface Heartbeat {
  readonly clusterName: string;
  readonly from: Member;
  /** Peers that the sender has fresh news of, and those that left. */
  readonly members: readonly Member[];
  /** The sender asks for a heartbeat in return: it is new here, or has lost sight of the receiver. */
  readonly answer: boolean;
}

export type MembershipEvent = { readonly now: number } /** `load`: of this node, now. */ & (
  | { readonly kind: "tick"; readonly load: number }
  | { readonly kind: "heartbeat"; readonly heartbeat: Heartbeat }
  /** DNS gave other addresses. */
  | { readonly kind: "seeds"; readonly addresses: readonly string[] }
  | { readonly kind: "drain" }
  | { readonly kind: "leave" }
);

export type MembershipEffect =
  | { readonly kind: "send"; readonly address: string; readonly heartbeat: Heartbeat }
  | {
      readonly kind: "changed";
      readonly nodeId: NodeId;
      /** `up` also for one that was restarted: what it held in memory is gone. */
      readonly to: "up" | "suspect" | "lost" | "draining" | "left";
      readonly member: Member;
    }
  /** Another process, which was started before this one, runs with this node's id: this one must stop. */
  | { readonly kind: "conflict"; readonly address: string };

/** Nodes that own shards: all that are not lost and have not left, this one among them. In order of their ids. */
export const ownerNodes = ({ self, peers }: MembershipState): readonly ClusterNode[] =>
  [self, ...[...peers.values()].filter(({ health }) => health !== "lost").map(({ member }) => member)]
    .filter(({ status }) => status !== "left")
    .map(({ nodeId, weight }) => ({ nodeId, weight }))
    .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
