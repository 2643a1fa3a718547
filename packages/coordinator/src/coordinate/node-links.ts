import { QueryError } from "@headcut/plan";
import type { Fragment } from "../cut/fragment.ts";
import { encodeFragment } from "../cut/fragment-codec.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Peer } from "../rpc/peer.ts";
import type { FromWorker, ToWorker } from "../worker/messages.ts";
import type { WorkSession } from "../worker/worker.ts";
import { openLocalLink, openRemoteLink, type WorkerLink } from "./worker-link.ts";

type Link = Omit<WorkerLink, "abandon">;

/** A query's links to workers, each opened when it is first needed. */
export interface NodeLinks {
  /** Undefined when there can be none: `broke` has been told. */
  to(nodeId: NodeId): Link | undefined;
  /** The link that is there already. */
  opened(nodeId: NodeId): Link | undefined;
  /** The node is lost; what it had of the query too. */
  abandon(nodeId: NodeId): void;
  /** Ends all of the query on other nodes, without waiting. */
  closeRemote(): void;
  /** Ends all of it here; resolves when nothing is left. */
  closeLocal(): Promise<void>;
}

export interface NodeLinksOptions {
  readonly coordinatorId: NodeId;
  /** The query's part of this node's own worker. */
  readonly session: WorkSession;
  readonly peerOf: (nodeId: NodeId) => Peer;
  readonly begin: Extract<ToWorker, { kind: "begin" }>;
  readonly said: (message: FromWorker) => void;
  /** The link to a node could not be opened, or is no more. */
  readonly broke: (nodeId: NodeId, error: QueryError | undefined) => void;
}

export const openNodeLinks = (options: NodeLinksOptions): NodeLinks => {
  const { coordinatorId, session, peerOf, begin, said, broke } = options;
  const remote = new Map<NodeId, WorkerLink>();
  let local: Link | undefined;
  let localClosed: Promise<void> | undefined;
  const openRemote = (nodeId: NodeId): Link | undefined => {
    try {
      const link = openRemoteLink(peerOf(nodeId), begin, encoded, {
        said,
        broke: (error) => {
          remote.delete(nodeId);
          broke(nodeId, error);
        },
      });
      remote.set(nodeId, link);
      return link;
    } catch (error) {
      broke(nodeId, error instanceof QueryError ? error : undefined);
      return undefined;
    }
  };
  return {
    to: (nodeId) => {
      if (nodeId !== coordinatorId) return remote.get(nodeId) ?? openRemote(nodeId);
      local ??= openLocalLink(session, { said });
      return local;
    },
    opened: (nodeId) => (nodeId === coordinatorId ? local : remote.get(nodeId)),
    abandon: (nodeId) => {
      remote.get(nodeId)?.abandon();
      remote.delete(nodeId);
    },
    closeRemote: () => {
      for (const link of remote.values()) void link.close();
      remote.clear();
    },
    closeLocal: () => {
      localClosed ??= (local ?? session).close();
      return localClosed;
    },
  };
};

/** As they are sent. A query that is asked again has the same fragments. */
const encodings = new WeakMap<Fragment, Uint8Array>();

const encoded = (fragment: Fragment): Uint8Array => {
  const bytes = encodings.get(fragment) ?? encodeFragment(fragment);
  encodings.set(fragment, bytes);
  return bytes;
};
