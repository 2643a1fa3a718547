import type { NodeId } from "../src/placement/cluster-node.ts";
import type { Split } from "../src/placement/split.ts";
import type { QueryEffect, QueryEvent } from "../src/schedule/query-events.ts";
import { DEFAULT_SCHEDULE, type FragmentWork, type QuerySpec, type ScanSplit } from "../src/schedule/query-spec.ts";
import type { AttemptId, Outcome, QueryState, SchedulerNode } from "../src/schedule/query-state.ts";
import { initialState, step } from "../src/schedule/step.ts";
import { nextWake } from "../src/schedule/watch.ts";
import { createClock } from "./clock.ts";
import { type Random, random } from "./random.ts";

/** How a simulated query ended. */
export interface Report {
  readonly outcome: Outcome;
  /** What the root put out, when it is done: what of it was missing or there twice. */
  readonly wrong: string | undefined;
  readonly atMs: number;
  readonly steps: number;
  readonly faults: number;
  /** Splits of which every holder is dead for good. */
  readonly orphaned: readonly string[];
  readonly attempts: number;
  readonly tasks: number;
}

/** A token stands for a row: of which split it is, and, of a fragment that is not repeatable, of which attempt. */
type Token = string;

type Shape = readonly Omit<FragmentWork, "work" | "memoryBytes">[];

/** Trees of fragments, by inputs. Fragments without inputs read splits; the root is the coordinator's. */
const shapes = (repeatable: () => boolean): readonly Shape[] => {
  const tree = (...inputs: readonly (readonly number[])[]): Shape =>
    inputs.map((own) => ({ inputs: own, repeatable: repeatable() }));
  return [
    tree([1], []),
    tree([1], [2], []),
    tree([1, 2], [], []),
    tree([1], [2, 3], [], []),
    tree([1], [2], [3, 4], [], [5], []),
  ];
};

interface Stored {
  readonly fragmentId: number;
  readonly tokens: readonly Token[];
}

interface Worker {
  readonly nodeId: NodeId;
  /** Undefined while it is dead. */
  alive: boolean;
  /** Stopped until then: it neither computes nor answers. */
  pausedUntil: number;
  /** Counts restarts: what an earlier life planned does not happen. */
  life: number;
  readonly running: Map<AttemptId, { received: boolean }>;
  readonly outputs: Map<AttemptId, Stored>;
  readonly seen: Set<AttemptId>;
}

export interface SimulationOptions {
  readonly faulty: boolean;
}

/** One query on a simulated cluster in which everything may go wrong that `seed` decides. */
export const simulateQuery = (seed: number, { faulty }: SimulationOptions): Report => {
  const rng = random(seed);
  const clock = createClock();
  const nodeCount = 1 + rng.below(5);
  const ids = Array.from({ length: nodeCount }, (_, i) => `n${i}`);
  const coordinatorId = rng.pick(ids);
  const loss = faulty ? rng.pick([0, 0, 0.02, 0.2]) : 0;
  const held = rng.chance(0.5);
  const fragments = makeFragments(rng, ids, held);
  const deadlineAt = rng.chance(0.3) ? 60_000 : undefined;
  const spec: QuerySpec = {
    fragments,
    coordinatorId,
    options: { ...DEFAULT_SCHEDULE, deadlineAt, maxFailures: faulty ? 6 : 2, tasksPerNode: 1 + rng.below(3) },
  };
  const node = (nodeId: NodeId): SchedulerNode => ({ nodeId, weight: 1, memoryBytes: 100, draining: false });
  const workers = new Map<NodeId, Worker>(
    ids.map((nodeId) => [
      nodeId,
      { nodeId, alive: true, pausedUntil: 0, life: 0, running: new Map(), outputs: new Map(), seen: new Set() },
    ]),
  );

  let state: QueryState = initialState(spec, ids.map(node));
  let result: readonly Token[] | undefined;
  const report = { steps: 0, faults: 0, attempts: 0 };
  let woken = Number.POSITIVE_INFINITY;

  const dispatch = (event: QueryEvent): void => {
    if (state.outcome !== undefined) return;
    report.steps++;
    const next = step(state, event);
    state = next.state;
    for (const effect of next.effects) carryOut(effect);
    if (state.outcome !== undefined) return;
    const wake = nextWake(state, clock.now);
    if (wake === undefined) throw new Error(`seed ${seed}: nothing will ever wake the scheduler`);
    if (wake === woken) return;
    woken = wake;
    clock.at(wake, () => {
      if (woken === wake) woken = Number.POSITIVE_INFINITY;
      dispatch({ kind: "tick", now: clock.now });
    });
  };

  /** A message between the scheduler and a node: late, lost or twice, unless they are one process. */
  const send = (nodeId: NodeId, deliver: () => void): void => {
    const local = nodeId === coordinatorId;
    if (!local && rng.chance(loss)) return;
    const delay = (): number => (local ? 0 : faulty && rng.chance(0.05) ? rng.below(3000) : 1 + rng.below(20));
    clock.at(clock.now + delay(), deliver);
    if (faulty && !local && rng.chance(0.05)) clock.at(clock.now + delay(), deliver);
  };

  const carryOut = (effect: QueryEffect): void => {
    switch (effect.kind) {
      case "launch":
        report.attempts++;
        send(effect.nodeId, () => begin(workers.get(effect.nodeId)!, effect));
        return;
      case "stop":
        send(effect.nodeId, () => {
          const worker = workers.get(effect.nodeId)!;
          worker.running.delete(effect.attemptId);
          worker.outputs.delete(effect.attemptId);
        });
        return;
      case "end":
        for (const [nodeId] of state.nodes) {
          if (state.used.has(nodeId) && !effect.release.includes(nodeId)) throw new Error(`${nodeId} is not released`);
        }
    }
  };

  /** Does something on a worker after some time, if it still lives then; later, if it is stopped. */
  const later = (worker: Worker, delayMs: number, action: () => void): void => {
    const { life } = worker;
    const attempt = (): void => {
      if (!worker.alive || worker.life !== life) return;
      if (worker.pausedUntil > clock.now) clock.at(worker.pausedUntil, attempt);
      else action();
    };
    clock.at(clock.now + delayMs, attempt);
  };

  const begin = (worker: Worker, launch: Extract<QueryEffect, { kind: "launch" }>): void => {
    const { attemptId, fragmentId, inputs, work } = launch;
    if (!worker.alive || worker.seen.has(attemptId)) return;
    worker.seen.add(attemptId);
    worker.running.set(attemptId, { received: inputs.length === 0 });
    const isRunning = (): boolean => worker.running.has(attemptId);
    const fail = (reason: Extract<QueryEvent, { kind: "failed" }>["reason"]): void => {
      worker.running.delete(attemptId);
      send(worker.nodeId, () => dispatch({ kind: "failed", now: clock.now, attemptId, reason }));
    };
    const reportStatus = (): void => {
      if (state.outcome !== undefined) return;
      const status = worker.running.get(attemptId);
      const { nodeId } = worker;
      if (status !== undefined) {
        send(nodeId, () => dispatch({ kind: "heard", now: clock.now, attemptId, received: status.received }));
      } else if (worker.outputs.has(attemptId)) {
        send(nodeId, () => dispatch({ kind: "finished", now: clock.now, attemptId }));
      } else return;
      later(worker, 1000, reportStatus);
    };
    later(worker, 1000, reportStatus);

    const tokens: Token[] = [];
    const perInput = new Map<number, Token[]>();
    const partition = work.kind === "partition" ? work.index : undefined;
    const partitions = work.kind === "partition" ? partitionCount(fragments[fragmentId]!) : 1;
    const read = (index: number): void => {
      if (!isRunning()) return;
      const input = inputs[index];
      if (input === undefined) {
        worker.running.set(attemptId, { received: true });
        compute();
        return;
      }
      const producer = workers.get(input.nodeId)!;
      const stored = producer.alive ? producer.outputs.get(input.attemptId) : undefined;
      const broken = faulty && input.nodeId !== worker.nodeId && rng.chance(loss / 4);
      if (stored === undefined || broken || producer.pausedUntil > clock.now + 2000) {
        later(worker, 300, () => {
          if (isRunning()) fail({ kind: "inputLost", input: input.attemptId });
        });
        return;
      }
      const list = perInput.get(input.fragmentId) ?? [];
      perInput.set(input.fragmentId, list);
      for (const token of stored.tokens) {
        if (partition === undefined || hashOf(token) % partitions === partition) list.push(originOf(token));
      }
      later(worker, rng.below(faulty ? 200 : 20), () => read(index + 1));
    };
    const compute = (): void => {
      const slow = faulty && rng.chance(0.05) ? 20_000 : 10 + rng.below(500);
      later(worker, slow, () => {
        if (!isRunning()) return;
        if (faulty && rng.chance(0.01)) {
          fail({ kind: "elsewhere", failure: { code: "out-of-memory", message: "not enough memory" } });
          return;
        }
        if (work.kind === "splits")
          for (const { operatorId, split } of work.items) tokens.push(`${operatorId}:${split.file.path}`);
        for (const list of perInput.values()) tokens.push(...list);
        worker.running.delete(attemptId);
        if (fragmentId === 0) result = tokens;
        // An attempt of what is not repeatable spreads its rows in its own way.
        const own = fragments[fragmentId]!.repeatable ? tokens : tokens.map((token) => `${token}@${attemptId}`);
        worker.outputs.set(attemptId, { fragmentId, tokens: own });
        send(worker.nodeId, () => dispatch({ kind: "finished", now: clock.now, attemptId }));
      });
    };
    later(worker, 0, () => read(0));
  };

  const dead = new Set<NodeId>();
  const breakSomething = (): void => {
    report.faults++;
    const others = ids.filter((nodeId) => nodeId !== coordinatorId);
    if (others.length === 0) return;
    const nodeId = rng.pick(others);
    const worker = workers.get(nodeId)!;
    const noticedAt = clock.now + 500 + rng.below(3000);
    switch (rng.below(5)) {
      case 0:
      case 1: {
        worker.alive = false;
        worker.life++;
        worker.running.clear();
        worker.outputs.clear();
        worker.seen.clear();
        clock.at(noticedAt, () => dispatch({ kind: "nodeLost", now: clock.now, nodeId }));
        if (rng.chance(0.5)) {
          dead.add(nodeId);
          return;
        }
        clock.at(noticedAt + rng.below(5000), () => {
          if (dead.has(nodeId)) return;
          worker.alive = true;
          dispatch({ kind: "nodeUp", now: clock.now, node: node(nodeId) });
        });
        return;
      }
      case 2:
        worker.pausedUntil = clock.now + rng.below(20_000);
        return;
      case 3:
        // Taken for lost, wrongly.
        dispatch({ kind: "nodeLost", now: clock.now, nodeId });
        clock.at(clock.now + rng.below(4000), () => {
          if (!dead.has(nodeId)) dispatch({ kind: "nodeUp", now: clock.now, node: node(nodeId) });
        });
        return;
      default:
        dispatch({ kind: "nodeDraining", now: clock.now, nodeId });
    }
  };

  if (faulty) for (let i = rng.below(4); i > 0; i--) clock.at(rng.below(rng.pick([300, 3000])), breakSomething);
  if (faulty && rng.chance(0.02)) clock.at(rng.below(2000), () => dispatch({ kind: "cancel", now: clock.now }));
  dispatch({ kind: "start", now: 0 });
  while (state.outcome === undefined) {
    if (clock.now > 600_000) throw new Error(`seed ${seed}: not over after ten minutes`);
    if (!clock.advance()) throw new Error(`seed ${seed}: nothing happens any more`);
  }
  const expected = fragments.flatMap(({ work }) =>
    work.kind === "splits" ? work.items.map(({ operatorId, split }) => `${operatorId}:${split.file.path}`) : [],
  );
  const orphaned = fragments.flatMap(({ work }) =>
    work.kind !== "splits"
      ? []
      : work.items.flatMap(({ split: { file, reach } }) =>
          reach.kind === "held" && reach.by.every((nodeId) => dead.has(nodeId)) ? [file.path] : [],
        ),
  );
  const wrong = state.outcome.kind === "done" ? difference(result ?? [], expected) : undefined;
  return { outcome: state.outcome, wrong, atMs: clock.now, orphaned, tasks: state.nextTask, ...report };
};

const hashOf = (token: Token): number => {
  let hash = 5;
  for (let i = 0; i < token.length; i++) hash = (hash * 33 + token.charCodeAt(i)) >>> 0;
  return hash >>> 3;
};

const originOf = (token: Token): Token => token.split("@")[0]!;

const partitionCount = ({ work }: FragmentWork): number => (work.kind === "partitions" ? work.count : 1);

const difference = (got: readonly Token[], expected: readonly Token[]): string | undefined => {
  const [a, b] = [[...got].sort().join(" "), [...expected].sort().join(" ")];
  return a === b ? undefined : `got ${a}, not ${b}`;
};

const makeFragments = (rng: Random, ids: readonly NodeId[], held: boolean): readonly FragmentWork[] => {
  const shape = rng.pick(shapes(() => rng.chance(0.5)));
  return shape.map(({ inputs, repeatable }, fragmentId): FragmentWork => {
    const base = { inputs, repeatable, memoryBytes: rng.pick([10, 60, 1000]) };
    if (fragmentId === 0) return { ...base, work: { kind: "coordinator" } };
    if (inputs.length > 0) return { ...base, work: { kind: "partitions", count: 1 + rng.below(3) } };
    const items = Array.from({ length: rng.below(7) }, (_, i): ScanSplit => {
      const first = rng.below(ids.length);
      const split: Split = {
        file: { path: `t${fragmentId}-${i}`, sizeBytes: 1000, rowCount: 10, identity: "1" },
        firstRowGroup: 0,
        rowGroupCount: 1,
        byteOffset: 4,
        byteLength: 1000,
        rowCount: 10,
        reach: held ? { kind: "held", by: [ids[first]!, ids[(first + 1) % ids.length]!] } : { kind: "anywhere" },
      };
      return { operatorId: fragmentId, split };
    });
    return { ...base, work: { kind: "splits", items } };
  });
};
