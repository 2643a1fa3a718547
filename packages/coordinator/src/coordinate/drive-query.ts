import { QueryError } from "@headcut/plan";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Peers } from "../rpc/peer.ts";
import type { QueryEffect, QueryEvent } from "../schedule/query-events.ts";
import type { Outcome, QueryState, SchedulerNode } from "../schedule/query-state.ts";
import { initialState, step } from "../schedule/step.ts";
import { nextWake } from "../schedule/watch.ts";
import { attemptFailureOf } from "../worker/attempt-failure.ts";
import type { FromWorker } from "../worker/messages.ts";
import type { WorkSession } from "../worker/worker.ts";
import { keyBytes, newNotes, type QueryNotes } from "./collect-report.ts";
import { CutOff } from "./cut-off.ts";
import { openNodeLinks } from "./node-links.ts";
import type { NodesView, ViewChange, ViewNode } from "./nodes-view.ts";
import { launchPreparation } from "./prepare-launch.ts";
import type { Prepared } from "./prepare-query.ts";
import { watchReturns } from "./return-of-nodes.ts";
import { type RunningRoot, rootAttempts } from "./root-attempts.ts";
import { streamingAttempts } from "./streaming-attempts.ts";

export interface DriveOptions {
  readonly queryId: string;
  readonly prepared: Prepared;
  readonly nodes: readonly ViewNode[];
  /** Of the result's columns. */
  readonly names: readonly string[];
  /** What the query may use on a node. */
  readonly memoryBytes: number;
  readonly view: NodesView;
  readonly peers: Pick<Peers, "peer">;
  /** The query's part of this node's own worker; closed by `close`. */
  readonly session: WorkSession;
  /** Bytes of shards that have been read, of all tasks that count. */
  readonly onRead: (byteLength: number) => void;
}

/** A cut query on its way. */
export interface Drive {
  /**
   * When the root has all its inputs, or more rows are there than are held back: from then on it cannot be made again. Rejects with the
   * query's error.
   */
  readonly root: Promise<RunningRoot>;
  readonly notes: QueryNotes;
  state(): QueryState;
  /** Why the query ended, if it failed. */
  failure(): unknown;
  /** Ends the query for this reason, if it has not ended: every node is told at once. */
  stop(error: QueryError): void;
  /** Ends it if need be; resolves when nothing of it is left here. */
  close(): Promise<void>;
}

type Happened = QueryEvent extends infer E ? (E extends unknown ? Omit<E, "now"> : never) : never;

/** Carries out what the scheduler decides, until the query ends: the one place where its decisions meet clock and network. */
export const driveQuery = (options: DriveOptions): Drive => {
  const { queryId, prepared, view, peers, session, memoryBytes } = options;
  const { coordinatorId } = prepared.spec;
  let state = initialState(
    prepared.spec,
    options.nodes.map((node) => schedulerNode(node, memoryBytes)),
  );
  const notes = newNotes();
  const nodes = new Map(options.nodes.map((node) => [node.nodeId, node]));
  const addressOf = (nodeId: NodeId): string => nodes.get(nodeId)!.address;
  const prepareLaunch = launchPreparation(prepared, addressOf, notes);
  const streaming = streamingAttempts();
  /** Nodes that were lost at some time, back or not. */
  const lost = new Set<NodeId>();
  let ended = false;
  let failure: unknown;
  let reason: QueryError | undefined;
  let lastBreak: QueryError | undefined;
  let wake: NodeJS.Timeout | undefined;

  const pending: Happened[] = [];
  let stepping = false;
  const dispatch = (event: Happened): void => {
    pending.push(event);
    if (stepping) return;
    stepping = true;
    try {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        const stepped = step(state, { ...next, now: performance.now() } as QueryEvent);
        state = stepped.state;
        for (const effect of stepped.effects) carryOut(effect);
      }
    } catch (error) {
      // A bug of ours must not leave a query hanging.
      pending.length = 0;
      fail(error);
    } finally {
      stepping = false;
    }
    clearTimeout(wake);
    const at = ended ? undefined : nextWake(state, performance.now());
    if (at !== undefined) wake = setTimeout(onWake, Math.max(1, Math.min(at - performance.now(), MAX_TIMER_MS)));
  };
  /** This process itself need not say that it is alive. */
  const onWake = (): void => {
    const attemptId = root.attemptId();
    dispatch(attemptId === undefined ? { kind: "tick" } : { kind: "heard", attemptId, received: false });
  };

  const carryOut = (effect: QueryEffect): void => {
    switch (effect.kind) {
      case "launch":
        launch(effect);
        return;
      case "stop":
        if (root.attemptId() === effect.attemptId) root.drop();
        else links.opened(effect.nodeId)?.stop(effect.attemptId);
        return;
      case "end":
        end(effect.outcome);
        return;
    }
  };

  const launch = (effect: Extract<QueryEffect, { kind: "launch" }>): void => {
    const { nodeId, fragmentId, taskId } = effect;
    const { fragment, launch: told } = prepareLaunch(effect);
    const task = state.tasks[fragmentId]!.find((candidate) => candidate.taskId === taskId);
    notes.attempts++;
    if (task?.status.kind === "running" && task.status.attempts.length > 1) notes.seconds++;
    if (nodeId !== coordinatorId) notes.keyBytes += keyBytes(told.keySets ?? []);
    if (fragmentId === 0) {
      root.start(told.attemptId, () => session.runRoot(fragment, told.inputs, { names: options.names }));
    } else {
      links.to(nodeId)?.launch(fragment, told);
    }
  };

  const hear = (message: FromWorker): void => {
    switch (message.kind) {
      case "heard":
        dispatch(message);
        return;
      case "finished":
        finished(message);
        return;
      case "failed":
        // Who reads its rows is told too, and knows whether any were handed out.
        if (!streaming.ended(message.attemptId)) dispatch(message);
    }
  };
  const finished = ({ attemptId, report, complete }: Extract<FromWorker, { kind: "finished" }>): void => {
    notes.reports.set(attemptId, report);
    if (!complete) streaming.began(attemptId);
    else if (streaming.ended(attemptId)) return;
    dispatch({ kind: "finished", attemptId, rows: report.rows });
    const task = state.tasks
      .flatMap((tasks) => tasks ?? [])
      .find(({ status }) => status.kind === "done" && status.attemptId === attemptId);
    if (task?.status.kind === "done" && task.status.nodeId !== coordinatorId) {
      notes.keyBytes += keyBytes(report.keySets ?? []);
    }
    if (task?.work.kind === "splits") {
      options.onRead(task.work.items.reduce((sum, { split }) => sum + split.byteLength, 0));
    }
  };

  const links = openNodeLinks({
    coordinatorId,
    session,
    peerOf: (nodeId) => peers.peer(addressOf(nodeId)),
    begin: { kind: "begin", queryId, memoryBytes },
    said: hear,
    broke: (nodeId, error) => {
      lastBreak = error;
      lost.add(nodeId);
      if (ended) return;
      dispatch({ kind: "nodeLost", nodeId });
      returns.broke(nodeId);
    },
  });

  const root = rootAttempts(streaming.allEnded, {
    received: (attemptId) => dispatch({ kind: "finished", attemptId }),
    failed: (attemptId, error) => dispatch({ kind: "failed", attemptId, reason: attemptFailureOf(error) }),
    lost: (error) => fail(error),
  });

  const rejoin = (node: ViewNode): void => {
    nodes.set(node.nodeId, node);
    dispatch({ kind: "nodeUp", node: schedulerNode(node, memoryBytes) });
  };
  const lose = (nodeId: NodeId): void => {
    lost.add(nodeId);
    links.abandon(nodeId);
    returns.forget(nodeId);
    dispatch({ kind: "nodeLost", nodeId });
  };
  const onChange = (change: ViewChange): void => {
    switch (change.kind) {
      case "up": {
        const { nodeId, startedAt } = change.node;
        if (nodeId === coordinatorId) return;
        if (state.nodes.has(nodeId)) {
          if (nodes.get(nodeId)!.startedAt === startedAt) return;
          lose(nodeId);
        }
        returns.forget(nodeId);
        rejoin(change.node);
        return;
      }
      case "draining":
        dispatch({ kind: "nodeDraining", nodeId: change.nodeId });
        return;
      case "lost":
        lose(change.nodeId);
    }
  };
  const returns = watchReturns(view, rejoin);
  const unwatch = view.onChange(onChange);

  const end = (outcome: Outcome): void => {
    switch (outcome.kind) {
      case "done":
        if (!root.succeed()) fail(new Error("internal error: a query ended without its root"));
        else letGo();
        return;
      case "cancelled":
        fail(reason ?? new QueryError("cancelled", "the query was cancelled"));
        return;
      case "failed": {
        const { code, message, hint } = outcome.failure;
        const details = hint === undefined ? { cause: lastBreak } : { hint, cause: lastBreak };
        const error = new QueryError(code, message, details);
        fail(code === "io" && hasLostAll() ? new CutOff(error) : error);
      }
    }
  };
  const hasLostAll = (): boolean => {
    const others = options.nodes.filter(({ nodeId }) => nodeId !== coordinatorId);
    return others.length > 0 && others.every(({ nodeId }) => lost.has(nodeId));
  };
  const fail = (error: unknown): void => {
    if (ended) return;
    letGo();
    failure = error;
    root.fail(error);
    // Without the root, nothing here is wanted any more.
    void links.closeLocal();
  };
  /** The query has ended. Nobody waits for the others to have tidied up. */
  const letGo = (): void => {
    ended = true;
    unwatch();
    clearTimeout(wake);
    returns.close();
    links.closeRemote();
  };
  const stop = (error: QueryError): void => {
    reason ??= error;
    dispatch({ kind: "cancel" });
  };

  dispatch({ kind: "start" });
  return {
    root: root.chosen,
    notes,
    state: () => state,
    failure: () => failure,
    stop,
    close: async () => {
      stop(new QueryError("cancelled", "the query was cancelled"));
      await root.close();
      await links.closeLocal();
    },
  };
};

const MAX_TIMER_MS = 2 ** 31 - 1;

const schedulerNode = ({ nodeId, weight, draining }: ViewNode, memoryBytes: number): SchedulerNode => ({
  nodeId,
  weight,
  draining,
  memoryBytes,
});
