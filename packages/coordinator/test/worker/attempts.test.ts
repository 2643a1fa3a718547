import { columnRef, type PhysicalPlan, TRUE } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import type { Fragment } from "../../src/cut/fragment.ts";
import { unitedKeys } from "../../src/exchange/key-set.ts";
import type { FlightData } from "../../src/flight/flight-data.ts";
import { BROADCAST, fragmentOf, handOn, numbers, planOf, producer } from "./plans.ts";
import {
  bytesOf,
  close,
  closeAfterEach,
  cluster,
  consumer,
  expectNothingLeft,
  free,
  GATHER,
  inputAt,
  launchOf,
  linkTo,
  messages,
  open,
  start,
} from "./session-cluster.ts";
import { spillFiles } from "./test-cluster.ts";

closeAfterEach();

describe("attempts", () => {
  it("tell which keys their rows have, and leave out rows whose keys are not among those they are told", async () => {
    open();
    const link = linkTo(0);
    const teller: Fragment = {
      ...fragmentOf(2, planOf("SELECT 3 * i AS k FROM range(400) t(i)"), GATHER),
      keysOf: [0],
    };
    await start(link, teller, launchOf(2, 1));
    const told = await link.ended(1);
    if (told.kind !== "finished") throw new Error(JSON.stringify(told));
    const { keySets } = told.report;
    const probe = numbers(10_000);
    const keys: PhysicalPlan = handOn(200, [{ ...probe.columns[0]!, id: 900 }]);
    const plan: PhysicalPlan = {
      kind: "hashJoin",
      operatorId: 201,
      columns: probe.columns,
      estimatedRows: 1,
      joinKind: "probeSemi",
      probe,
      build: keys,
      keys: [{ probe: columnRef(probe.columns[0]!), build: columnRef(keys.columns[0]!), nullSafe: false }],
      residual: TRUE,
      mark: undefined,
    };
    const looking: Fragment = { ...fragmentOf(1, plan, GATHER), keyInputs: [{ operatorId: 200, from: 2, key: 0 }] };
    await start(link, looking, { ...launchOf(1, 2), ...(keySets && { keySets }) });
    await start(link, looking, { ...launchOf(1, 3), keySets: [undefined] });
    await start(link, looking, { ...launchOf(1, 4), keySets: [unitedKeys([])] });
    const ends = await Promise.all([2, 3, 4].map((attemptId) => link.ended(attemptId)));
    expect(ends.map((end) => (end.kind === "finished" ? end.report.rows : end))).toEqual([400, 10_000, 0]);
    await close(link);
  });

  it("say what they did, and keep their rows for as many readers as there are", async () => {
    open();
    const [a, b] = [linkTo(0), linkTo(1)];
    await start(a, producer(50_000), launchOf(2, 1));
    const made = await a.ended(1);
    if (made.kind !== "finished") throw new Error(JSON.stringify(made));
    expect(made.report).toMatchObject({ rows: 50_000, bytesIn: 0, bytesOwn: 0 });
    expect(made.report.bytes).toBeGreaterThan(100_000);
    expect(made.report.operators.find(({ operatorId }) => operatorId === producer(1).plan.operatorId)).toEqual({
      operatorId: producer(1).plan.operatorId,
      rows: 50_000,
    });
    expect(cluster.nodes[0]!.worker.status().outputBytes).toBe(made.report.bytes);

    await start(a, consumer(producer(1)), launchOf(1, 2, [inputAt(0, 1)]));
    await start(b, consumer(producer(1)), launchOf(1, 3, [inputAt(0, 1)]));
    const [own, other] = [await a.ended(2), await b.ended(3)];
    if (own.kind !== "finished" || other.kind !== "finished") throw new Error(JSON.stringify([own, other]));
    expect(own.report).toMatchObject({ rows: 50_000, bytesIn: 0, bytesOwn: made.report.bytes });
    // What travels is compressed.
    expect(other.report).toMatchObject({ rows: 50_000, bytesOwn: 0 });
    expect(other.report.bytesIn).toBeLessThan(made.report.bytes * 0.7);
    expect(other.report.peakBytes).toBeGreaterThan(made.report.bytes);
    expect(b.heard).toContainEqual({ kind: "heard", attemptId: 3, received: true });
    expect(bytesOf(await messages(0, 2)).equals(bytesOf(await messages(1, 3)))).toBe(true);
    await close(a, b);
  });

  it("run once, however often they are launched", async () => {
    open();
    const a = linkTo(0);
    await start(a, producer(1000), launchOf(2, 1));
    await a.send({ kind: "launch", ...launchOf(2, 1) });
    const first = await a.ended(1);
    const { outputBytes } = cluster.nodes[0]!.worker.status();
    await a.send({ kind: "launch", ...launchOf(2, 1) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await a.ended(1)).toEqual(first);
    expect(cluster.nodes[0]!.worker.status().outputBytes).toBe(outputBytes);
    await close(a);
  });

  it("are heard of every second while they run, and stop when they are told to", async () => {
    open();
    const a = linkTo(0);
    const slow = fragmentOf(
      2,
      planOf("SELECT count(*) AS n FROM range(100000) a(i), range(100000) b(j), range(1000) c(k)"),
      BROADCAST,
    );
    const launched = performance.now();
    await start(a, slow, launchOf(2, 1));
    while (a.heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(performance.now() - launched).toBeGreaterThan(1900);
    expect(a.heard).toEqual([1, 2].map(() => ({ kind: "heard", attemptId: 1, received: true })));
    expect(cluster.nodes[0]!.worker.status().runningAttempts).toBe(1);
    await a.send({ kind: "stop", attemptId: 1 });
    const stopped = performance.now();
    expect(cluster.nodes[0]!.worker.status().runningAttempts).toBe(1);
    while (cluster.nodes[0]!.worker.status().runningAttempts > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(performance.now() - stopped).toBeLessThan(2000);
    expect(cluster.nodes[0]!.engine.freeBytes()).toBe(free[0]);
    expect(cluster.nodes[0]!.worker.status()).toMatchObject({ runningAttempts: 0, queries: 1 });
    // It is over: nothing is said of it, not even when it is launched again.
    await a.send({ kind: "launch", ...launchOf(2, 1) });
    await start(a, { ...producer(1), fragmentId: 3 }, launchOf(3, 2));
    expect(await a.ended(2)).toMatchObject({ kind: "finished" });
    expect(a.heard).toHaveLength(2);
    await close(a);
  });

  it("that are stopped drop what they had put out", async () => {
    open({ maxOutputBytes: 0 });
    const a = linkTo(0);
    await start(a, producer(1000), launchOf(2, 1));
    await a.ended(1);
    expect(spillFiles(cluster)).toHaveLength(1);
    await a.send({ kind: "stop", attemptId: 1 });
    while (spillFiles(cluster).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(messages(0, 1)).rejects.toMatchObject({ code: "io" });
    await close(a);
  });

  it("put out more than memory is to hold, and it is the same", async () => {
    const hash = { kind: "hash", keys: [], partitions: 3 } as const;
    const plan = numbers(200_000);
    const keyed = {
      ...hash,
      keys: plan.columns.slice(0, 1).map(({ id, name, type, nullable }) => ({
        kind: "column" as const,
        id,
        name,
        type,
        nullable,
      })),
    };
    const all: FlightData[][] = [];
    for (const maxOutputBytes of [64 << 20, 1 << 20, 0]) {
      open({ maxOutputBytes });
      const a = linkTo(0);
      await start(a, fragmentOf(2, plan, keyed), launchOf(2, 1));
      await a.ended(1);
      const { outputBytes, spilledBytes } = cluster.nodes[0]!.worker.status();
      expect(outputBytes).toBeLessThanOrEqual(maxOutputBytes);
      expect(spilledBytes > 0).toBe(maxOutputBytes < 64 << 20);
      const found = await Promise.all([0, 1, 2].map((partition) => messages(0, 1, partition)));
      all.push(found.flat());
      await expect(messages(0, 1, 3)).rejects.toMatchObject({ code: "io" });
      await close(a);
      if (maxOutputBytes > 0) {
        expectNothingLeft();
        await cluster.close();
      }
    }
    const bytes = all.map(bytesOf);
    expect(bytes[1]!.equals(bytes[0]!)).toBe(true);
    expect(bytes[2]!.equals(bytes[0]!)).toBe(true);
  });

  it("whose input has no room in memory read it as they go, in little of it", async () => {
    open();
    const [a, b] = [linkTo(0), linkTo(1, 2 << 20)];
    await start(a, producer(200_000), launchOf(2, 1));
    await a.ended(1);
    await start(b, consumer(producer(1)), launchOf(1, 2, [inputAt(0, 1)]));
    const ended = await b.ended(2);
    expect(ended).toMatchObject({ kind: "finished", report: { rows: 200_000 } });
    if (ended.kind === "finished") expect(ended.report.peakBytes).toBeLessThan(4 << 20);
    await close(a, b);
  });

  it.each([
    ["SELECT CAST(9223372036854775807 AS BIGINT) + CAST(i AS BIGINT) AS k FROM range(5) t(i)", "fatal", "overflow"],
    ["SELECT CAST('x' || CAST(i AS VARCHAR) AS INTEGER) AS k FROM range(5) t(i)", "fatal", "conversion"],
  ])("fail everywhere where the data is at fault: %s", async (sql, kind, code) => {
    open();
    const a = linkTo(0);
    await start(a, fragmentOf(2, planOf(sql), BROADCAST), launchOf(2, 1));
    expect(await a.ended(1)).toMatchObject({ kind: "failed", reason: { kind, failure: { code } } });
    await close(a);
  });

  it("fail elsewhere when this node has not the shard", async () => {
    open();
    const a = linkTo(0);
    const plan = planOf("SELECT 1 AS k");
    const scan = handOn(7, plan.columns);
    const file = { path: "shard:///t/x.parquet", sizeBytes: 1, rowCount: 1, identity: "1-a" };
    const split = {
      file,
      firstRowGroup: 0,
      rowGroupCount: 1,
      byteOffset: 0,
      byteLength: 1,
      rowCount: 1,
      reach: { kind: "held" as const, by: ["node-0"] },
    };
    const fragment: Fragment = { ...fragmentOf(2, scan, BROADCAST), runs: { kind: "splits", scans: [7] } };
    await start(a, fragment, {
      ...launchOf(2, 1),
      work: { kind: "splits", items: [{ operatorId: 7, split }], nodeId: "node-0", fillCache: true },
    });
    expect(await a.ended(1)).toMatchObject({
      kind: "failed",
      reason: {
        kind: "elsewhere",
        failure: { code: "io", message: "node node-0 has no shard:///t/x.parquet row group 0" },
      },
    });
    await close(a);
  });

  it("fail elsewhere when their fragment was never sent", async () => {
    open();
    const a = linkTo(0);
    await a.send({ kind: "launch", ...launchOf(2, 1) });
    expect(await a.ended(1)).toMatchObject({ kind: "failed", reason: { kind: "elsewhere" } });
    await close(a);
  });
});
