import type { NodeId } from "../placement/cluster-node.ts";
import type { NodesView, ViewNode } from "./nodes-view.ts";

/** Nodes whose stream of a query broke although they may live. */
export interface ReturnOfNodes {
  /** Its stream broke now. */
  broke(nodeId: NodeId): void;
  /** It is back, or gone for good: nothing is waited for. */
  forget(nodeId: NodeId): void;
  close(): void;
}

/** How long a node rests from a query before it may be given something of it again. Doubled each time. */
const PAUSE_MS = 250;
/** So often; a node that breaks every stream is not asked for ever. */
const MAX_RETURNS = 3;

/** Says when a node may come back: after a pause, and once it has shown that it lives. */
export const watchReturns = (
  view: Pick<NodesView, "nodes" | "heardAt">,
  onReturn: (node: ViewNode) => void,
): ReturnOfNodes => {
  const counts = new Map<NodeId, number>();
  const timers = new Map<NodeId, NodeJS.Timeout>();
  const forget = (nodeId: NodeId): void => {
    clearTimeout(timers.get(nodeId));
    timers.delete(nodeId);
  };
  const lookAgain = (nodeId: NodeId, lostAt: number, pauseMs: number): void => {
    const look = (): void => {
      timers.delete(nodeId);
      const node = view.nodes().find((candidate) => candidate.nodeId === nodeId);
      if (node === undefined) return;
      if ((view.heardAt(nodeId) ?? 0) <= lostAt) lookAgain(nodeId, lostAt, PAUSE_MS);
      else onReturn(node);
    };
    timers.set(nodeId, setTimeout(look, pauseMs));
  };
  return {
    broke: (nodeId) => {
      forget(nodeId);
      const count = counts.get(nodeId) ?? 0;
      counts.set(nodeId, count + 1);
      if (count < MAX_RETURNS) lookAgain(nodeId, performance.now(), PAUSE_MS * 2 ** count);
    },
    forget,
    close: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
};
