import { QueryError } from "@headcut/plan";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fragment } from "../../src/cut/fragment.ts";
import { encodeFragment } from "../../src/cut/fragment-codec.ts";
import type { InputAt } from "../../src/worker/task-codec.ts";
import { fragmentOf, numbers, producer, sorted } from "./plans.ts";
import { openSocketCluster, type SocketCluster } from "./socket-cluster.ts";
import { type Link, openLink, spillFiles } from "./test-cluster.ts";

const MEMORY = 200 << 20;

let cluster: SocketCluster;
let free: readonly number[];
beforeEach(async () => {
  cluster = await openSocketCluster(2, 1 << 20);
  free = cluster.nodes.map(({ engine }) => engine.freeBytes());
});
const expectNothingLeft = (): void => {
  expect(cluster.nodes.map(({ engine }) => engine.freeBytes())).toEqual(free);
  expect(cluster.nodes.map(({ worker }) => worker.status())).toMatchObject(
    cluster.nodes.map(() => ({ queries: 0, runningAttempts: 0, outputBytes: 0, spilledBytes: 0 })),
  );
  expect(spillFiles(cluster)).toEqual([]);
};
afterEach(async () => {
  expectNothingLeft();
  await cluster.close();
});

const consumer: Fragment = fragmentOf(1, sorted(100, numbers(1000).columns), { kind: "gather", order: undefined }, [
  { operatorId: 100, from: 2 },
]);

const start = async (link: Link, fragment: Fragment, attemptId: number, inputs: readonly InputAt[] = []) => {
  const { fragmentId } = fragment;
  await link.send({ kind: "fragment", bytes: encodeFragment(fragment) });
  await link.send({
    kind: "launch",
    fragmentId,
    taskId: 0,
    attemptId,
    work: { kind: "coordinator" },
    inputs,
    streamed: false,
  });
};
const inputAt = (node: number, attemptId: number): InputAt => {
  const { nodeId, address } = cluster.nodes[node]!;
  return { fragmentId: 2, taskId: 0, attemptId, nodeId, address, partition: undefined };
};

describe("work over sockets", () => {
  it("moves rows that were spilled, several readers at once, and ends with its streams", async () => {
    const [a, b] = cluster.nodes.map((node) => openLink(node, "q", MEMORY)) as [Link, Link];
    await start(a, producer(300_000), 1);
    expect(await a.ended(1)).toMatchObject({ kind: "finished" });
    expect(cluster.nodes[0]!.worker.status().spilledBytes).toBeGreaterThan(1 << 20);
    for (const attemptId of [2, 3, 4]) await start(b, consumer, attemptId, [inputAt(0, 1)]);
    const ends = await Promise.all([2, 3, 4].map((attemptId) => b.ended(attemptId)));
    for (const end of ends) expect(end).toMatchObject({ kind: "finished", report: { rows: 300_000 } });
    for (const { stream } of [a, b]) stream.end();
    await Promise.all([a.served, b.served]);
  });

  it("loses an input whose node goes away in the middle", async () => {
    const [a, b] = cluster.nodes.map((node) => openLink(node, "q", MEMORY)) as [Link, Link];
    await start(a, producer(500_000), 1);
    await a.ended(1);
    await start(b, consumer, 2, [inputAt(0, 1)]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await cluster.servers[0]!.close(0);
    await a.served;
    expect(await b.ended(2)).toMatchObject({ kind: "failed", attemptId: 2, reason: { kind: "inputLost", input: 1 } });
    b.stream.end();
    await b.served;
  });

  it("ends when a stream breaks at any moment, and readers of what is gone are told", async () => {
    let random = 7;
    const below = (n: number): number => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      return Math.floor((random / 2 ** 32) * n);
    };
    const took: number[] = [];
    for (let round = 0; round < 25; round++) {
      const [a, b] = cluster.nodes.map((node) => openLink(node, `q${round}`, MEMORY)) as [Link, Link];
      await start(a, producer(50_000 + 1000 * below(200)), 1);
      const chained = a.ended(1).then(() => start(b, consumer, 2, [inputAt(0, 1)]));
      chained.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, below(150)));
      const begun = performance.now();
      if (below(2) === 0) a.stream.end();
      else a.stream.cancel(new QueryError("cancelled", "enough"));
      await a.served;
      took.push(performance.now() - begun);
      if (below(2) === 0) b.stream.end();
      else b.stream.cancel();
      await b.served;
      expectNothingLeft();
    }
    expect(took.sort((x, y) => x - y)[12]).toBeLessThan(200);
  });
});
