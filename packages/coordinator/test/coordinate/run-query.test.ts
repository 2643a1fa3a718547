import type { ExecuteOptions } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { expect, test } from "vitest";
import { CutOff } from "../../src/coordinate/cut-off.ts";
import { openCoordinator } from "../../src/coordinate/open-coordinator.ts";
import { InputLost } from "../../src/worker/attempt-failure.ts";
import { type FakeCluster, fakeCluster, finished, scanOf, someRows } from "./fake-cluster.ts";

const execute = (fake: FakeCluster, paths: readonly string[], options: ExecuteOptions = {}) =>
  openCoordinator(fake.parts, 1).execute(scanOf(...paths), ["a"], options);

const rowsOf = async (run: ReturnType<typeof execute>): Promise<number> => {
  let rows = 0;
  for await (const { rowCount } of run.encodedBatches()) rows += rowCount;
  return rows;
};

test("each worker gets one stream, and each split goes to a holder", async () => {
  const fake = fakeCluster();
  const run = execute(fake, ["n1", "n1", "n2", "n0"]);
  expect(await rowsOf(run)).toBe(1);
  expect(fake.streams).toBe(2);
  expect(fake.launches.sort()).toEqual(["n0 1", "n1 1", "n2 1"]);
  const report = await run.cluster;
  expect(report).toMatchObject({ nodes: ["n0", "n1", "n2"], splits: 4, splitsByOwners: 4, tasks: 4, retries: 0 });
  expect(report.bytesBetweenNodes).toBe(3 * 3 + 1);
  expect(report.fragments[1]).toMatchObject({ rows: 3, bytesOwn: 12, bytesOut: 30, peakBytes: 5 });
  expect(report.fragments[1]!.operatorRows.get(0)).toBe(21);
  expect(fake.open.size).toBe(0);
});

test("a stream that breaks: the other holder; the query ends well", async () => {
  const fake = fakeCluster();
  fake.behave = (launch, nodeId) => (nodeId === "n1" ? "break" : finished(launch));
  const run = execute(fake, ["n1+n2", "n2+n1"]);
  expect(await rowsOf(run)).toBe(1);
  expect((await run.cluster).nodes).toEqual(["n0", "n2"]);
  expect(fake.open.size).toBe(0);
});

test("the only holder's stream breaks each time: an error that names the shard, with the cause, after a few tries", async () => {
  const fake = fakeCluster();
  fake.behave = () => "break";
  const error: unknown = await rowsOf(execute(fake, ["n2"])).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "io", message: expect.stringMatching(/no node that has n2 .*it was on n2/) });
  expect((error as QueryError).cause).toMatchObject({ message: "the stream to n2 broke" });
  expect(fake.launches.length).toBeLessThan(5);
  expect(fake.open.size).toBe(0);
});

test("a query that fails on a node that has lost all others says so: another node may answer it", async () => {
  const fake = fakeCluster();
  fake.behave = () => undefined;
  const failed = rowsOf(execute(fake, ["n1+n2"])).catch((cause: unknown) => cause);
  while (fake.launches.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const nodeId of ["n1", "n2"]) fake.change({ kind: "lost", nodeId });
  const error = await failed;
  expect(error).toBeInstanceOf(CutOff);
  expect(error).toMatchObject({
    code: "io",
    message: expect.stringMatching(/n1\+n2.*; this node has lost all others$/),
  });
});

test("a worker that never says anything is given up", async () => {
  const fake = fakeCluster();
  fake.behave = (launch, nodeId) => (nodeId === "n1" ? undefined : finished(launch));
  expect(await rowsOf(execute(fake, ["n1+n2"]))).toBe(1);
  expect(fake.launches.at(-1)).toBe("n2 1");
}, 10_000);

test("a fatal failure is the query's at once", async () => {
  const fake = fakeCluster();
  const failure = { code: "overflow", message: "too large", hint: "smaller" } as const;
  fake.behave = ({ attemptId }) => ({ kind: "failed", attemptId, reason: { kind: "fatal", failure } });
  const run = execute(fake, ["n1", "n2"]);
  await expect(rowsOf(run)).rejects.toMatchObject(failure);
  await expect(run.metrics).rejects.toMatchObject(failure);
  await expect(run.cluster).rejects.toMatchObject(failure);
  expect(fake.open.size).toBe(0);
});

test("the root is run again when an input is lost before rows were handed out", async () => {
  const fake = fakeCluster();
  const lost = new InputLost(0, "gone", undefined);
  fake.root = (run) =>
    run > 0
      ? { received: Promise.resolve(), rows: someRows(3) }
      : {
          received: Promise.reject(lost),
          // biome-ignore lint/correctness/useYield: it fails before its first row.
          rows: (async function* () {
            throw lost;
          })(),
        };
  const run = execute(fake, ["n1+n2"]);
  expect(await rowsOf(run)).toBe(3);
  expect(await run.cluster).toMatchObject({ retries: 2 });
});

test("a node that is lost, restarted or draining meanwhile", async () => {
  const fake = fakeCluster();
  let held = true;
  fake.behave = (launch, nodeId) => (nodeId === "n1" && held ? undefined : finished(launch));
  const run = execute(fake, ["n1"]);
  await expect.poll(() => fake.launches.length).toBe(1);
  const node = { nodeId: "n1", address: "n1:1", weight: 1, draining: false, load: 0 };
  fake.change({ kind: "up", node: { ...node, startedAt: 1 } });
  expect(fake.launches).toHaveLength(1);
  held = false;
  fake.change({ kind: "up", node: { ...node, startedAt: 2 } });
  expect(await rowsOf(run)).toBe(1);
  expect(fake.launches).toEqual(["n1 1", "n1 1"]);
});

test("a signal and a deadline end everything at once", async () => {
  const fake = fakeCluster();
  fake.behave = () => undefined;
  const stop = new AbortController();
  const run = execute(fake, ["n1"], { signal: stop.signal });
  const failed = expect(rowsOf(run)).rejects.toMatchObject({ code: "cancelled" });
  await expect.poll(() => fake.open.size).toBe(1);
  stop.abort("enough");
  await failed;
  expect(fake.open.size).toBe(0);
  await expect(rowsOf(execute(fake, ["n1"], { timeoutMs: 30 }))).rejects.toMatchObject({ code: "timeout" });
  expect(fake.open.size).toBe(0);
  await expect(rowsOf(execute(fake, ["n1"], { signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: "cancelled",
  });
});

test("queries wait for memory, and for no longer than they may", async () => {
  const fake = fakeCluster();
  fake.behave = () => undefined;
  const coordinator = openCoordinator(fake.parts, 1);
  const blocker = fake.parts.admission.enter("other", 1e12, Number.POSITIVE_INFINITY, new AbortController().signal);
  expect(blocker).toBeUndefined();
  const waiting = coordinator.execute(scanOf("n1"), ["a"], { timeoutMs: 50 });
  expect(fake.parts.admission.status().queued).toBe(1);
  await expect(rowsOf(waiting)).rejects.toMatchObject({ code: "timeout" });
  expect(fake.parts.admission.status().queued).toBe(0);
  fake.behave = finished;
  const next = coordinator.execute(scanOf("n1"), ["a"]);
  fake.parts.admission.leave("other");
  expect(await rowsOf(next)).toBe(1);
  expect(fake.parts.admission.status()).toMatchObject({ running: 0, reservedBytes: 0 });
  expect(coordinator.counters).toMatchObject({ started: 2, done: 1, failed: 1, cancelled: 0 });
  expect(coordinator.running()).toBe(0);
});

test("a shard that is not known to the catalog fails the query, not the process", async () => {
  const fake = fakeCluster();
  const error = new QueryError("io", "changed");
  const parts = { ...fake.parts, splitsOf: () => Promise.reject(error) };
  await expect(rowsOf(openCoordinator(parts, 1).execute(scanOf("n1"), ["a"]))).rejects.toBe(error);
  expect(fake.parts.admission.status().running).toBe(0);
});

test("leaving early, and closing the coordinator", async () => {
  const fake = fakeCluster();
  fake.root = () => ({ received: Promise.resolve(), rows: someRows(100) });
  for await (const _ of execute(fake, ["n1"]).encodedBatches()) break;
  expect(fake.open.size).toBe(0);
  fake.behave = () => undefined;
  const coordinator = openCoordinator(fake.parts, 1);
  const run = coordinator.execute(scanOf("n1"), ["a"]);
  await expect.poll(() => fake.open.size).toBe(1);
  await coordinator.close();
  expect(fake.open.size).toBe(0);
  await expect(run.cluster).rejects.toMatchObject({ code: "cancelled" });
  expect(() => coordinator.execute(scanOf("n1"), ["a"])).toThrow("closed");
});
