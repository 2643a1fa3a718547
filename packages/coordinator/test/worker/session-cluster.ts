import { afterEach, expect } from "vitest";
import type { Fragment } from "../../src/cut/fragment.ts";
import { encodeFragment } from "../../src/cut/fragment-codec.ts";
import type { FlightData } from "../../src/flight/flight-data.ts";
import type { Launch } from "../../src/worker/messages.ts";
import type { InputAt } from "../../src/worker/task-codec.ts";
import { fragmentOf, sorted } from "./plans.ts";
import {
  type Link,
  openLink,
  openTestCluster,
  spillFiles,
  type TestCluster,
  type TestClusterOptions,
} from "./test-cluster.ts";

export const MEMORY = 128 << 20;

/** The one that the running test has opened. */
export let cluster: TestCluster;
/** Bytes free on each of its nodes before the test did anything. */
export let free: readonly number[];
export const open = (options: Partial<TestClusterOptions> = {}): TestCluster => {
  cluster = openTestCluster({ nodes: 2, ...options });
  free = cluster.nodes.map(({ engine }) => engine.freeBytes());
  return cluster;
};

/** Whatever happened, nothing is left. */
export const expectNothingLeft = (): void => {
  expect(cluster.nodes.map(({ engine }) => engine.freeBytes())).toEqual(free);
  expect(cluster.nodes.map(({ worker }) => worker.status())).toMatchObject(
    cluster.nodes.map(() => ({ queries: 0, runningAttempts: 0, outputBytes: 0, spilledBytes: 0 })),
  );
  expect(spillFiles(cluster)).toEqual([]);
};
/** To be called once in a test file. */
export const closeAfterEach = (): void => {
  afterEach(async () => {
    expectNothingLeft();
    await cluster.close();
  });
};

export const GATHER = { kind: "gather", order: undefined } as const;

/** Sorts the rows of fragment 2. */
export const consumer = (from: Fragment): Fragment =>
  fragmentOf(1, sorted(100, from.plan.columns), GATHER, [{ operatorId: 100, from: from.fragmentId }]);

export const launchOf = (fragmentId: number, attemptId: number, inputs: readonly InputAt[] = []): Launch => ({
  fragmentId,
  taskId: 0,
  attemptId,
  work: { kind: "coordinator" },
  inputs,
  streamed: false,
});

export const inputAt = (node: number, attemptId: number, partition?: number): InputAt => {
  const { nodeId, address } = cluster.nodes[node]!;
  return { fragmentId: 2, taskId: 0, attemptId, nodeId, address, partition };
};

export const linkTo = (node: number, memoryBytes = MEMORY): Link => openLink(cluster.nodes[node]!, "q", memoryBytes);

export const start = async (link: Link, fragment: Fragment, launch: Launch): Promise<void> => {
  await link.send({ kind: "fragment", bytes: encodeFragment(fragment) });
  await link.send({ kind: "launch", ...launch });
};

export const close = async (...links: readonly Link[]): Promise<void> => {
  for (const { stream } of links) stream.end();
  await Promise.all(links.map(({ served }) => served));
};

export const messages = async (node: number, attemptId: number, partition?: number): Promise<FlightData[]> => {
  const all: FlightData[] = [];
  const ticket = { kind: "output", queryId: "q", attemptId, partition } as const;
  for await (const message of cluster.nodes[node]!.worker.output(ticket)) all.push(message);
  return all;
};

export const bytesOf = (all: readonly FlightData[]): Buffer =>
  Buffer.concat(all.flatMap(({ header, body }) => [header, ...body]));
