import { assert, QueryError } from "@headcut/plan";
import type { Fragment, KeyInput } from "../cut/fragment.ts";
import { encodeFragment } from "../cut/fragment-codec.ts";
import { type KeySet, unitedKeys } from "../exchange/key-set.ts";
import type { NodeId } from "../placement/cluster-node.ts";
import type { Peers } from "../rpc/peer.ts";
import type { QueryEffect, QueryEvent } from "../schedule/query-events.ts";
import type { AttemptId, InputRef, Outcome, QueryState, SchedulerNode, TaskWork } from "../schedule/query-state.ts";
import { initialState, step } from "../schedule/step.ts";
import { nextWake } from "../schedule/watch.ts";
import { attemptFailureOf } from "../worker/attempt-failure.ts";
import type { FromWorker } from "../worker/messages.ts";
import { isPassedThrough } from "../worker/run-root.ts";
import type { InputAt } from "../worker/task-codec.ts";
import type { RootRun, WorkSession } from "../worker/worker.ts";
import { keyBytes, newNotes, type QueryNotes } from "./collect-report.ts";
import { CutOff } from "./cut-off.ts";
import { type HeldRows, holdRows } from "./hold-rows.ts";
import type { NodesView, ViewChange, ViewNode } from "./nodes-view.ts";
import type { Prepared } from "./prepare-query.ts";
import { watchReturns } from "./return-of-nodes.ts";
import { streamingAttempts } from "./streaming-attempts.ts";
import { openLocalLink, openRemoteLink, type WorkerLink } from "./worker-link.ts";

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

/** The root, when its rows may be handed out. */
export interface RunningRoot {
  readonly attemptId: AttemptId;
  readonly run: RootRun;
  readonly rows: HeldRows;
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
  const { plan, spec } = prepared;
  let state = initialState(
    spec,
    options.nodes.map((node) => schedulerNode(node, memoryBytes)),
  );
  const notes = newNotes();
  const nodes = new Map(options.nodes.map((node) => [node.nodeId, node]));
  const links = new Map<NodeId, WorkerLink>();
  let localLink: Omit<WorkerLink, "abandon"> | undefined;
  const closing: Promise<void>[] = [];
  let root: RunningRoot | undefined;
  let handedOut = false;
  let failure: unknown;
  let reason: QueryError | undefined;
  let lastBreak: QueryError | undefined;
  let wake: NodeJS.Timeout | undefined;
  let settle: { resolve: (root: RunningRoot) => void; reject: (error: unknown) => void } | undefined;
  const ready = new Promise<RunningRoot>((resolve, reject) => {
    settle = { resolve, reject };
  });
  ready.catch(() => undefined);

  const united = new Map<string, KeySet | undefined>();
  const streaming = streamingAttempts();
  /** Nodes that were lost at some time, back or not. */
  const lost = new Set<NodeId>();
  const [rootFragment] = plan.fragments;
  /** The fragment whose rows the root hands on as they come, if it does nothing else. */
  const streamedFrom = isPassedThrough(rootFragment!) ? rootFragment!.inputs[0]!.from : undefined;

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
      finish({ kind: "failed", error });
    } finally {
      stepping = false;
    }
    clearTimeout(wake);
    const at = ended ? undefined : nextWake(state, performance.now());
    if (at !== undefined) wake = setTimeout(onWake, Math.max(1, Math.min(at - performance.now(), MAX_TIMER_MS)));
  };
  /** This process itself need not say that it is alive. */
  const onWake = (): void =>
    dispatch(root === undefined ? { kind: "tick" } : { kind: "heard", attemptId: root.attemptId, received: false });

  const carryOut = (effect: QueryEffect): void => {
    switch (effect.kind) {
      case "launch":
        launch(effect);
        return;
      case "stop":
        if (root?.attemptId === effect.attemptId) dropRoot();
        else if (effect.nodeId === spec.coordinatorId) localLink?.stop(effect.attemptId);
        else links.get(effect.nodeId)?.stop(effect.attemptId);
        return;
      case "end":
        finish(ending(effect.outcome));
        return;
    }
  };

  const launch = ({ nodeId, fragmentId, taskId, attemptId, work, inputs }: Launching): void => {
    notes.attempts++;
    const task = state.tasks[fragmentId]!.find((candidate) => candidate.taskId === taskId);
    if (task?.status.kind === "running" && task.status.attempts.length > 1) notes.seconds++;
    const fragment = plan.fragments[fragmentId]!;
    const located = inputs
      .filter((input) => fragment.inputs.some(({ from }) => from === input.fragmentId))
      .map((input) => locate(input, work));
    const keySets = fragment.keyInputs?.map((told) => keysTold(told, inputs));
    if (keySets !== undefined && nodeId !== spec.coordinatorId) notes.keyBytes += keyBytes(keySets);
    if (fragmentId === 0) startRoot(attemptId, fragment, located);
    else
      linkTo(nodeId)?.launch(fragment, {
        fragmentId,
        taskId,
        attemptId,
        work: withAll(work, fragmentId),
        inputs: located,
        ...(keySets !== undefined && { keySets }),
        streamed: fragmentId === streamedFrom && fragment.keysOf === undefined,
      });
  };
  /** What the attempts that count told of a fragment's keys; the same for the same attempts. */
  const keysTold = ({ from, key }: KeyInput, inputs: readonly InputRef[]): KeySet | undefined => {
    const attempts = inputs.filter(({ fragmentId }) => fragmentId === from).map(({ attemptId }) => attemptId);
    const name = `${key} ${attempts.join()} of ${from}`;
    if (!united.has(name)) united.set(name, unitedKeys(attempts.map((id) => notes.reports.get(id)?.keySets?.[key])));
    return united.get(name);
  };
  /** The work as the worker is to see it: every split that it reads. */
  const withAll = (work: TaskWork, fragmentId: number): TaskWork => {
    if (work.kind !== "splits") return work;
    const own = work.items.flatMap((item) => prepared.members.get(item.split) ?? [item]);
    return { ...work, items: [...own, ...prepared.copies[fragmentId]!] };
  };
  const locate = (input: InputRef, work: TaskWork): InputAt => {
    const spread = plan.fragments[input.fragmentId]!.output.kind === "hash";
    assert(!spread || work.kind === "partition", `fragment ${input.fragmentId} is read whole`);
    const partition = spread && work.kind === "partition" ? work.index : undefined;
    return { ...input, address: nodes.get(input.nodeId)!.address, partition };
  };

  const linkTo = (nodeId: NodeId): Omit<WorkerLink, "abandon"> | undefined => {
    if (nodeId === spec.coordinatorId) {
      localLink ??= openLocalLink(session, { said: hear });
      return localLink;
    }
    const known = links.get(nodeId);
    if (known !== undefined) return known;
    const broke = (error: QueryError): void => {
      links.delete(nodeId);
      lastBreak = error;
      lost.add(nodeId);
      if (ended) return;
      dispatch({ kind: "nodeLost", nodeId });
      returns.broke(nodeId);
    };
    try {
      const peer = peers.peer(nodes.get(nodeId)!.address);
      const link = openRemoteLink(peer, { kind: "begin", queryId, memoryBytes }, encoded, { said: hear, broke });
      links.set(nodeId, link);
      return link;
    } catch (error) {
      lastBreak = error instanceof QueryError ? error : undefined;
      dispatch({ kind: "nodeLost", nodeId });
      return undefined;
    }
  };

  const hear = (message: FromWorker): void => {
    switch (message.kind) {
      case "heard":
        dispatch(message);
        return;
      case "finished": {
        const { attemptId, report, complete } = message;
        notes.reports.set(attemptId, report);
        if (!complete) streaming.began(attemptId);
        else if (streaming.ended(attemptId)) return;
        dispatch({ kind: "finished", attemptId, rows: report.rows });
        const task = state.tasks
          .flatMap((tasks) => tasks ?? [])
          .find(({ status }) => status.kind === "done" && status.attemptId === attemptId);
        if (task?.status.kind === "done" && task.status.nodeId !== spec.coordinatorId) {
          notes.keyBytes += keyBytes(report.keySets ?? []);
        }
        if (task?.work.kind === "splits") {
          options.onRead(task.work.items.reduce((sum, { split }) => sum + split.byteLength, 0));
        }
        return;
      }
      case "failed":
        // Who reads its rows is told too, and knows whether any were handed out.
        if (!streaming.ended(message.attemptId)) dispatch(message);
    }
  };

  const rejoin = (node: ViewNode): void => {
    nodes.set(node.nodeId, node);
    dispatch({ kind: "nodeUp", node: schedulerNode(node, memoryBytes) });
  };
  const lose = (nodeId: NodeId): void => {
    lost.add(nodeId);
    links.get(nodeId)?.abandon();
    links.delete(nodeId);
    returns.forget(nodeId);
    dispatch({ kind: "nodeLost", nodeId });
  };
  const onChange = (change: ViewChange): void => {
    switch (change.kind) {
      case "up": {
        const { nodeId, startedAt } = change.node;
        if (nodeId === spec.coordinatorId) return;
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

  const startRoot = (attemptId: AttemptId, fragment: Fragment, inputs: readonly InputAt[]): void => {
    if (handedOut) {
      finish({ kind: "failed", error: tooLate() });
      return;
    }
    const run = session.runRoot(fragment, inputs, { names: options.names });
    const rows = holdRows(run, HELD_BYTES);
    root = { attemptId, run, rows };
    void rows.full.then((isFull) => {
      if (isFull && root?.attemptId === attemptId) handOut();
    });
    run.received.then(streaming.allEnded).then(
      () => {
        if (root?.attemptId === attemptId) dispatch({ kind: "finished", attemptId });
      },
      (error: unknown) => {
        if (root?.attemptId !== attemptId) return;
        if (handedOut) {
          finish({ kind: "failed", error });
          return;
        }
        dropRoot();
        dispatch({ kind: "failed", attemptId, reason: attemptFailureOf(error) });
      },
    );
    run.metrics.catch(() => undefined);
  };
  const handOut = (): void => {
    if (root === undefined || ended) return;
    handedOut = true;
    settle!.resolve(root);
  };
  const dropRoot = (): void => {
    const dropped = root;
    root = undefined;
    if (dropped !== undefined) closing.push(dropped.run.cancel());
  };

  let ended = false;
  const finish = (end: Ending): void => {
    if (ended) return;
    ended = true;
    unwatch();
    clearTimeout(wake);
    returns.close();
    // Nobody waits for the others to have tidied up.
    for (const link of links.values()) void link.close();
    links.clear();
    if (end.kind === "done" && root !== undefined) {
      settle!.resolve(root);
      return;
    }
    failure = end.kind === "failed" ? end.error : new Error("internal error: a query ended without its root");
    dropRoot();
    settle!.reject(failure);
    // Without the root, nothing here is wanted any more.
    closing.push(closeLocal());
  };
  const hasLostAll = (): boolean => {
    const others = options.nodes.filter(({ nodeId }) => nodeId !== spec.coordinatorId);
    return others.length > 0 && others.every(({ nodeId }) => lost.has(nodeId));
  };
  const ending = (outcome: Outcome): Ending => {
    switch (outcome.kind) {
      case "done":
        return outcome;
      case "cancelled":
        return { kind: "failed", error: reason ?? new QueryError("cancelled", "the query was cancelled") };
      case "failed": {
        const { code, message, hint } = outcome.failure;
        const details = hint === undefined ? { cause: lastBreak } : { hint, cause: lastBreak };
        const error = new QueryError(code, message, details);
        return { kind: "failed", error: code === "io" && hasLostAll() ? new CutOff(error) : error };
      }
    }
  };
  let localClosed: Promise<void> | undefined;
  const closeLocal = (): Promise<void> => {
    localClosed ??= (localLink ?? session).close();
    return localClosed;
  };
  const stop = (error: QueryError): void => {
    reason ??= error;
    dispatch({ kind: "cancel" });
  };

  dispatch({ kind: "start" });
  return {
    root: ready,
    notes,
    state: () => state,
    failure: () => failure,
    stop,
    close: async () => {
      stop(new QueryError("cancelled", "the query was cancelled"));
      if (root !== undefined) closing.push(root.run.cancel());
      closing.push(closeLocal());
      while (closing.length > 0) await closing.pop();
    },
  };
};

/** So much of a result is kept back while the part that has not come yet may still be lost. */
const HELD_BYTES = 64 * 1024 * 1024;

const tooLate = (): QueryError =>
  new QueryError("io", "a node was lost after a part of the result had been handed out", {
    hint: "Run the query again.",
  });

type Launching = Extract<QueryEffect, { kind: "launch" }>;
type Ending = { readonly kind: "done" } | { readonly kind: "failed"; readonly error: unknown };

/** As they are sent. A query that is asked again has the same fragments. */
const encodings = new WeakMap<Fragment, Uint8Array>();

const encoded = (fragment: Fragment): Uint8Array => {
  const bytes = encodings.get(fragment) ?? encodeFragment(fragment);
  encodings.set(fragment, bytes);
  return bytes;
};

const MAX_TIMER_MS = 2 ** 31 - 1;

const schedulerNode = ({ nodeId, weight, draining }: ViewNode, memoryBytes: number): SchedulerNode => ({
  nodeId,
  weight,
  draining,
  memoryBytes,
});
