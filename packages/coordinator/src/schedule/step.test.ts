import { describe, expect, test } from "vitest";
import type { Split } from "../placement/split.ts";
import type { QueryEffect, QueryEvent } from "./query-events.ts";
import { DEFAULT_SCHEDULE, type FragmentWork, type QuerySpec, type ScheduleOptions } from "./query-spec.ts";
import type { QueryState } from "./query-state.ts";
import { initialState, step } from "./step.ts";
import { nextWake } from "./watch.ts";

type Launch = Extract<QueryEffect, { kind: "launch" }>;
type Unstamped = QueryEvent extends infer E ? (E extends QueryEvent ? Omit<E, "now"> : never) : never;

const node = (nodeId: string, memoryBytes = 100) => ({ nodeId, weight: 1, memoryBytes, draining: false });

const split = (path: string, by?: readonly string[]): Split => ({
  file: { path, sizeBytes: 10, rowCount: 1, identity: "1" },
  firstRowGroup: 0,
  rowGroupCount: 1,
  byteOffset: 4,
  byteLength: 10,
  rowCount: 1,
  reach: by === undefined ? { kind: "anywhere" } : { kind: "held", by },
});

const scan = (...splits: readonly Split[]): FragmentWork => ({
  inputs: [],
  work: { kind: "splits", items: splits.map((it) => ({ operatorId: 1, split: it })) },
  repeatable: true,
  memoryBytes: 10,
});

const root = (...inputs: readonly number[]): FragmentWork => ({
  inputs,
  work: { kind: "coordinator" },
  repeatable: false,
  memoryBytes: 10,
});

/** A query whose events are told one by one. */
const query = (
  fragments: readonly FragmentWork[],
  nodes: readonly string[],
  options: Partial<ScheduleOptions> = {},
) => {
  const spec: QuerySpec = { fragments, coordinatorId: nodes[0]!, options: { ...DEFAULT_SCHEDULE, ...options } };
  let state: QueryState = initialState(
    spec,
    nodes.map((id) => node(id)),
  );
  return {
    get state() {
      return state;
    },
    tell: (now: number, event: Unstamped): readonly QueryEffect[] => {
      const before = JSON.stringify([...state.nodes, state.tasks, state.outcome]);
      const made = step(state, { ...event, now } as QueryEvent);
      expect(JSON.stringify([...state.nodes, state.tasks, state.outcome]), "a step changed its argument").toBe(before);
      state = made.state;
      return made.effects;
    },
  };
};

const launches = (effects: readonly QueryEffect[]): readonly Launch[] =>
  effects.filter((effect): effect is Launch => effect.kind === "launch");

const failure = (message: string) => ({ code: "io", message }) as const;

describe("a query's scheduler", () => {
  test("runs splits where they are held, then the root on their outputs, then ends", () => {
    const q = query([root(1), scan(split("x", ["b"]), split("y", ["c"]))], ["a", "b", "c"]);
    const first = launches(q.tell(0, { kind: "start" }));
    expect(first.map(({ nodeId }) => nodeId).sort()).toEqual(["b", "c"]);
    expect(launches(q.tell(5, { kind: "finished", attemptId: first[0]!.attemptId }))).toEqual([]);
    const [last] = launches(q.tell(9, { kind: "finished", attemptId: first[1]!.attemptId }));
    expect(last).toMatchObject({ nodeId: "a", fragmentId: 0, work: { kind: "coordinator" } });
    expect(last!.inputs.map(({ attemptId }) => attemptId).sort()).toEqual([0, 1]);
    expect(q.tell(12, { kind: "finished", attemptId: last!.attemptId })).toEqual([
      { kind: "end", outcome: { kind: "done" }, release: ["b", "c", "a"] },
    ]);
    expect(q.tell(13, { kind: "nodeLost", nodeId: "b" })).toEqual([]);
    expect(nextWake(q.state, 13)).toBeUndefined();
  });

  test("a lost node's splits are run by their other owners; what it says later is not believed", () => {
    const q = query([root(1), scan(split("x", ["b", "c"]), split("y", ["b", "d"]))], ["a", "b", "c", "d"], {
      tasksPerNode: 1,
    });
    q.tell(0, { kind: "start" });
    const onB = q.state.tasks[1]!.filter(({ work }) => work.kind === "splits" && work.nodeId === "b");
    expect(onB.length).toBeGreaterThan(0);
    const again = launches(q.tell(5, { kind: "nodeLost", nodeId: "b" }));
    expect(again.length).toBe(onB.length);
    for (const { nodeId } of again) expect(["c", "d"]).toContain(nodeId);
    for (const { status } of onB) {
      if (status.kind === "running")
        expect(q.tell(6, { kind: "finished", attemptId: status.attempts[0]!.attemptId })).toEqual([]);
    }
  });

  test("who was told of an output that is made again, and may be another, starts again like those who read it", () => {
    for (const repeatable of [true, false]) {
      const told: FragmentWork = { ...scan(split("y", ["c"])), inputs: [2] };
      const teller: FragmentWork = { ...scan(split("x", ["b", "d"])), repeatable };
      const q = query([root(1, 2), told, teller], ["a", "b", "c", "d"]);
      const [first] = launches(q.tell(0, { kind: "start" }));
      const [second] = launches(q.tell(1, { kind: "finished", attemptId: first!.attemptId }));
      expect([first!.fragmentId, second!.fragmentId]).toEqual([2, 1]);
      expect(second!.inputs.map(({ attemptId }) => attemptId)).toEqual([first!.attemptId]);
      q.tell(2, { kind: "heard", attemptId: second!.attemptId, received: true });
      q.tell(3, { kind: "finished", attemptId: second!.attemptId });
      const again = launches(q.tell(4, { kind: "nodeLost", nodeId: first!.nodeId }));
      expect(again.map(({ fragmentId }) => fragmentId)).toEqual([2]);
      const next = launches(q.tell(5, { kind: "finished", attemptId: again[0]!.attemptId }));
      expect(next.map(({ fragmentId }) => fragmentId)).toEqual([repeatable ? 0 : 1]);
    }
  });

  test("when done tasks have rows enough, the others are stopped and the consumer starts", () => {
    const limited: FragmentWork = { ...scan(split("x", ["b"]), split("y", ["c"]), split("z", ["d"])), enough: 10 };
    const q = query([root(1), limited], ["a", "b", "c", "d"]);
    const [first, second, third] = launches(q.tell(0, { kind: "start" }));
    expect(q.tell(1, { kind: "finished", attemptId: first!.attemptId, rows: 9 })).toEqual([]);
    const effects = q.tell(2, { kind: "finished", attemptId: second!.attemptId, rows: 1 });
    expect(effects[0]).toEqual({ kind: "stop", nodeId: third!.nodeId, attemptId: third!.attemptId });
    const [last] = launches(effects);
    expect(last!.inputs.map(({ attemptId }) => attemptId)).toEqual([first!.attemptId, second!.attemptId]);
    expect(q.tell(3, { kind: "finished", attemptId: third!.attemptId, rows: 10 })).toEqual([]);
  });

  test("with no owner left it fails, naming the shard, after a pause for one to come back", () => {
    const q = query([root(1), scan(split("orders.parquet", ["b", "c"]))], ["a", "b", "c"]);
    q.tell(0, { kind: "start" });
    q.tell(1, { kind: "nodeLost", nodeId: "b" });
    q.tell(2, { kind: "nodeLost", nodeId: "c" });
    expect(q.state.outcome).toBeUndefined();
    for (let wake = nextWake(q.state, 2); wake !== undefined; wake = nextWake(q.state, wake))
      q.tell(wake, { kind: "tick" });
    expect(q.state.outcome).toMatchObject({
      kind: "failed",
      failure: { code: "io", message: "no node that has orders.parquet row group 0 can be reached: it was on b and c" },
    });
    const back = query([root(1), scan(split("orders.parquet", ["b"]))], ["a", "b"]);
    back.tell(0, { kind: "start" });
    back.tell(1, { kind: "nodeLost", nodeId: "b" });
    back.tell(50, { kind: "nodeUp", node: node("b") });
    expect(launches(back.tell(nextWake(back.state, 50)!, { kind: "tick" }))).toMatchObject([{ nodeId: "b" }]);
  });

  test("an output that is lost before it was read is made again; after that it is not", () => {
    const q = query([root(1), scan(split("x", ["b", "c"]))], ["a", "b", "c"]);
    const [work] = launches(q.tell(0, { kind: "start" }));
    const [consumer] = launches(q.tell(5, { kind: "finished", attemptId: work!.attemptId }));
    const effects = q.tell(6, { kind: "nodeLost", nodeId: work!.nodeId });
    expect(effects[0]).toEqual({ kind: "stop", nodeId: "a", attemptId: consumer!.attemptId });
    const [again] = launches(effects);
    expect(again!.fragmentId).toBe(1);
    expect([work!.nodeId, again!.nodeId].sort()).toEqual(["b", "c"]);
    const [second] = launches(q.tell(9, { kind: "finished", attemptId: again!.attemptId }));
    expect(second!.inputs.map(({ attemptId }) => attemptId)).toEqual([again!.attemptId]);
    q.tell(10, { kind: "heard", attemptId: second!.attemptId, received: true });
    expect(q.tell(11, { kind: "nodeLost", nodeId: again!.nodeId })).toEqual([]);
    expect(q.tell(12, { kind: "finished", attemptId: second!.attemptId })).toMatchObject([
      { outcome: { kind: "done" } },
    ]);
  });

  test("a reader that cannot read twice is moved as well: it may be the one that reaches nobody", () => {
    const consumer: FragmentWork = { ...root(2), work: { kind: "partitions", count: 1 }, repeatable: true };
    const q = query([root(1), consumer, scan(split("x", ["b", "c"]))], ["a", "b", "c"]);
    let now = 0;
    const launched: string[] = [];
    const next = (event: Unstamped): Launch => {
      let [made] = launches(q.tell(++now, event));
      while (made === undefined) {
        now = nextWake(q.state, now)!;
        [made] = launches(q.tell(now, { kind: "tick" }));
      }
      if (made.fragmentId === 1) launched.push(made.nodeId);
      return made;
    };
    let producer = next({ kind: "start" });
    for (let i = 0; i < 3; i++) {
      const reader = next({ kind: "finished", attemptId: producer.attemptId });
      const reason = { kind: "inputLost", input: producer.attemptId } as const;
      producer = next({ kind: "failed", attemptId: reader.attemptId, reason });
    }
    expect(launched[1]).toBe(launched[0]);
    expect(launched[2]).not.toBe(launched[0]);
  });

  test("an output that cannot be read is made again elsewhere, and not for ever", () => {
    const q = query([root(1), scan(split("x", ["b", "c"]))], ["a", "b", "c"]);
    let now = 0;
    let [producer] = launches(q.tell(now, { kind: "start" }));
    const seen: string[] = [];
    while (q.state.outcome === undefined && now < 100_000) {
      seen.push(producer!.nodeId);
      const [consumer] = launches(q.tell(++now, { kind: "finished", attemptId: producer!.attemptId }));
      const reason = { kind: "inputLost", input: producer!.attemptId } as const;
      [producer] = launches(q.tell(++now, { kind: "failed", attemptId: consumer!.attemptId, reason }));
      for (
        let wake = nextWake(q.state, now);
        producer === undefined && wake !== undefined;
        wake = nextWake(q.state, now)
      ) {
        now = wake;
        [producer] = launches(q.tell(now, { kind: "tick" }));
      }
    }
    expect(seen.slice(0, 2).sort()).toEqual(["b", "c"]);
    expect(q.state.outcome).toMatchObject({
      failure: { message: expect.stringMatching(/what node [bc] had computed could not be read/) },
    });
  });

  test("a straggler gets a second attempt; the first to finish counts and the other is stopped", () => {
    const fragments = [root(1), scan(split("x", ["b"]), split("y", ["c", "d"]), split("z", ["d"]))];
    const q = query(fragments, ["a", "b", "c", "d"]);
    const first = launches(q.tell(0, { kind: "start" }));
    const slow = first.find(({ work }) => work.kind === "splits" && work.items[0]!.split.file.path === "y")!;
    for (const { attemptId } of first) if (attemptId !== slow.attemptId) q.tell(100, { kind: "finished", attemptId });
    q.tell(900, { kind: "heard", attemptId: slow.attemptId, received: true });
    expect(nextWake(q.state, 900)).toBe(1000);
    const [second] = launches(q.tell(1000, { kind: "tick" }));
    expect(second!.taskId).toBe(slow.taskId);
    expect(second!.nodeId).not.toBe(slow.nodeId);
    const effects = q.tell(1100, { kind: "finished", attemptId: second!.attemptId });
    expect(effects[0]).toEqual({ kind: "stop", nodeId: slow.nodeId, attemptId: slow.attemptId });
    expect(launches(effects)[0]!.inputs.map(({ attemptId }) => attemptId)).toContain(second!.attemptId);
    expect(q.tell(1200, { kind: "finished", attemptId: slow.attemptId })).toEqual([]);
  });

  test("silence is a failure; too many end the query with the last reason; a fatal one ends it at once", () => {
    const q = query([root(1), scan(split("x", ["b"]))], ["a", "b"], { maxFailures: 3 });
    q.tell(0, { kind: "start" });
    let wake = nextWake(q.state, 0);
    expect(wake).toBe(5000);
    let ticks = 0;
    for (; wake !== undefined; wake = nextWake(q.state, wake)) {
      q.tell(wake, { kind: "tick" });
      ticks++;
    }
    expect(ticks).toBe(5);
    expect(q.state.outcome).toMatchObject({ failure: { message: "node b did not answer for 5000 ms" } });

    const fatal = query([root(1), scan(split("x", ["b"]))], ["a", "b"]);
    const [{ attemptId }] = launches(fatal.tell(0, { kind: "start" })) as [Launch];
    const reason = { kind: "fatal", failure: { code: "overflow", message: "the sum overflows" } } as const;
    expect(fatal.tell(1, { kind: "failed", attemptId, reason })).toMatchObject([{ kind: "end", release: ["b"] }]);
    expect(fatal.state.outcome).toEqual({ kind: "failed", failure: reason.failure });
  });

  test("a task that failed somewhere is tried elsewhere, after a pause that grows", () => {
    const q = query([root(1), scan(split("x"))], ["a", "b", "c"]);
    const [one] = launches(q.tell(0, { kind: "start" }));
    const reason = { kind: "elsewhere", failure: failure("no memory") } as const;
    expect(launches(q.tell(10, { kind: "failed", attemptId: one!.attemptId, reason }))).toEqual([]);
    expect(nextWake(q.state, 10)).toBe(110);
    const [two] = launches(q.tell(110, { kind: "tick" }));
    expect(two!.nodeId).not.toBe(one!.nodeId);
    q.tell(120, { kind: "failed", attemptId: two!.attemptId, reason });
    expect(nextWake(q.state, 120)).toBe(320);
    const [three] = launches(q.tell(320, { kind: "tick" }));
    expect(new Set([one, two, three].map((it) => it!.nodeId)).size).toBe(3);
  });

  test("a node gets no more tasks than it has slots and memory; an idle one helps and does not keep what it reads", () => {
    const items = ["x", "y", "z", "w"].map((path) => split(path, ["b", "c"]));
    const q = query([root(1), { ...scan(...items), memoryBytes: 80 }], ["a", "b", "c"], { tasksPerNode: 4 });
    const first = launches(q.tell(0, { kind: "start" }));
    // 80 of 100 bytes: one at a time.
    expect(first.map(({ nodeId }) => nodeId).sort()).toEqual(["b", "c"]);
    const paths = ["x", "y", "z", "w", "v", "u"];
    const remote = query([root(1), scan(...paths.map((path) => split(path)))], ["a", "b"], {
      tasksPerNode: 6,
      slotsPerNode: 1,
    });
    const begun = launches(remote.tell(0, { kind: "start" }));
    expect(begun.map(({ nodeId, work }) => [nodeId, work.kind === "splits" && work.fillCache])).toEqual([
      [begun[0]!.nodeId, true],
      [begun[0]!.nodeId === "a" ? "b" : "a", true],
    ]);
    // A third node comes: it owns nothing that is left to it, yet waits before it helps.
    expect(launches(remote.tell(50, { kind: "nodeUp", node: node("c") }))).toEqual([]);
    expect(nextWake(remote.state, 50)).toBe(200);
    const [help] = launches(remote.tell(200, { kind: "tick" }));
    expect(help).toMatchObject({ nodeId: "c", work: { nodeId: "c" } });
    // Of what is held on disks it could read nothing.
    expect(launches(q.tell(300, { kind: "tick" }))).toEqual([]);
  });

  test("a draining node finishes what it has and gets nothing new, unless only it can", () => {
    const q = query([root(1), scan(split("x", ["b", "c"]), split("y", ["b"]))], ["a", "b", "c"]);
    q.tell(-1, { kind: "nodeDraining", nodeId: "b" });
    const first = launches(q.tell(0, { kind: "start" }));
    const byPath = (path: string) =>
      q.state.tasks[1]!.find(
        ({ work }) => work.kind === "splits" && work.items.some((it) => it.split.file.path === path),
      );
    expect(first.length + q.state.tasks[1]!.filter(({ status }) => status.kind === "running").length).toBeGreaterThan(
      0,
    );
    expect(byPath("x")!.work).toMatchObject({ nodeId: "c" });
    expect(byPath("y")!.work).toMatchObject({ nodeId: "b" });
  });

  test("cancelling and the deadline end everything on every node", () => {
    const q = query([root(1), scan(split("x", ["b"]))], ["a", "b"]);
    q.tell(0, { kind: "start" });
    expect(q.tell(1, { kind: "cancel" })).toEqual([{ kind: "end", outcome: { kind: "cancelled" }, release: ["b"] }]);
    expect(q.tell(2, { kind: "cancel" })).toEqual([]);
    const late = query([root(1), scan(split("x", ["b"]))], ["a", "b"], { deadlineAt: 700 });
    late.tell(0, { kind: "start" });
    expect(nextWake(late.state, 0)).toBe(700);
    late.tell(700, { kind: "tick" });
    expect(late.state.outcome).toMatchObject({ kind: "failed", failure: { code: "timeout" } });
  });

  test("a query without splits is done", () => {
    const q = query([root(1), scan()], ["a"]);
    const [only] = launches(q.tell(0, { kind: "start" }));
    expect(only).toMatchObject({ fragmentId: 0, inputs: [] });
    q.tell(1, { kind: "finished", attemptId: only!.attemptId });
    expect(q.state.outcome).toEqual({ kind: "done" });
  });
});
