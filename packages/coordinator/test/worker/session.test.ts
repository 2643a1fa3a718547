import { columnRef, type PhysicalPlan, QueryError, TRUE } from "@headcut/plan";
import { afterEach, describe, expect, it } from "vitest";
import type { Fragment } from "../../src/cut/fragment.ts";
import { encodeFragment } from "../../src/cut/fragment-codec.ts";
import { unitedKeys } from "../../src/exchange/key-set.ts";
import type { FlightData } from "../../src/flight/flight-data.ts";
import { attemptFailureOf } from "../../src/worker/attempt-failure.ts";
import type { Launch } from "../../src/worker/messages.ts";
import type { InputAt } from "../../src/worker/task-codec.ts";
import { fragmentOf, handOn, planOf, sorted } from "./plans.ts";
import {
  type Link,
  openLink,
  openTestCluster,
  spillFiles,
  type TestCluster,
  type TestClusterOptions,
} from "./test-cluster.ts";

const MEMORY = 128 << 20;

let cluster: TestCluster;
let free: readonly number[];
const open = (options: Partial<TestClusterOptions> = {}): TestCluster => {
  cluster = openTestCluster({ nodes: 2, ...options });
  free = cluster.nodes.map(({ engine }) => engine.freeBytes());
  return cluster;
};

/** Whatever happened, nothing is left. */
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

/** So many thousands of rows. */
const numbers = (count: number) =>
  planOf(
    `SELECT i + 1000 * j AS k, 'value of ' || CAST(i * j AS VARCHAR) AS v FROM range(1000) a(i), range(${count / 1000}) b(j)`,
  );
const GATHER = { kind: "gather", order: undefined } as const;
const BROADCAST = { kind: "broadcast" } as const;

/** Fragment 2 makes rows, fragment 1 sorts them. */
const producer = (count: number, output: Fragment["output"] = BROADCAST): Fragment =>
  fragmentOf(2, numbers(count), output);
const consumer = (from: Fragment): Fragment =>
  fragmentOf(1, sorted(100, from.plan.columns), GATHER, [{ operatorId: 100, from: from.fragmentId }]);

const launchOf = (fragmentId: number, attemptId: number, inputs: readonly InputAt[] = []): Launch => ({
  fragmentId,
  taskId: 0,
  attemptId,
  work: { kind: "coordinator" },
  inputs,
  streamed: false,
});

const inputAt = (node: number, attemptId: number, partition?: number): InputAt => {
  const { nodeId, address } = cluster.nodes[node]!;
  return { fragmentId: 2, taskId: 0, attemptId, nodeId, address, partition };
};

const linkTo = (node: number, memoryBytes = MEMORY): Link => openLink(cluster.nodes[node]!, "q", memoryBytes);

const start = async (link: Link, fragment: Fragment, launch: Launch): Promise<void> => {
  await link.send({ kind: "fragment", bytes: encodeFragment(fragment) });
  await link.send({ kind: "launch", ...launch });
};

const close = async (...links: readonly Link[]): Promise<void> => {
  for (const { stream } of links) stream.end();
  await Promise.all(links.map(({ served }) => served));
};

const messages = async (node: number, attemptId: number, partition?: number): Promise<FlightData[]> => {
  const all: FlightData[] = [];
  const ticket = { kind: "output", queryId: "q", attemptId, partition } as const;
  for await (const message of cluster.nodes[node]!.worker.output(ticket)) all.push(message);
  return all;
};

const bytesOf = (all: readonly FlightData[]): Buffer =>
  Buffer.concat(all.flatMap(({ header, body }) => [header, ...body]));

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

describe("inputs", () => {
  it("that break are read again from where they broke", async () => {
    const broken = new Set<number>();
    open({
      meddle: (_, message, position) => {
        // Each message breaks the call once.
        if (!broken.has(position) && broken.size < 2) {
          broken.add(position);
          throw new QueryError("io", "the connection broke");
        }
        return message;
      },
    });
    const [a, b] = [linkTo(0), linkTo(1)];
    await start(a, producer(100_000), launchOf(2, 1));
    await a.ended(1);
    await start(b, consumer(producer(1)), launchOf(1, 2, [inputAt(0, 1)]));
    expect(await b.ended(2)).toMatchObject({ kind: "finished", report: { rows: 100_000 } });
    expect([...broken]).toEqual([0, 1]);
    await close(a, b);
  });

  it("that stay broken are lost, by name", async () => {
    open({
      meddle: (_, message, position) => {
        if (position === 2) throw new QueryError("io", "the connection broke");
        return message;
      },
    });
    const [a, b] = [linkTo(0), linkTo(1)];
    await start(a, producer(400_000), launchOf(2, 1));
    await start(a, { ...producer(1000), fragmentId: 2 }, launchOf(2, 5));
    await Promise.all([a.ended(1), a.ended(5)]);
    await start(b, consumer(producer(1)), launchOf(1, 2, [inputAt(0, 5), inputAt(0, 1)]));
    expect(await b.ended(2)).toMatchObject({ kind: "failed", attemptId: 2, reason: { kind: "inputLost", input: 1 } });
    await close(a, b);
  });

  it("that are not there, or damaged, or on a node that is away, are lost", async () => {
    open({
      meddle: (_, message, position) =>
        position === 0 ? message : { ...message, body: message.body.map((part) => part.map((byte) => byte ^ 0x55)) },
    });
    const [a, b] = [linkTo(0), linkTo(1)];
    await start(a, producer(1000), launchOf(2, 1));
    await a.ended(1);
    const away = { ...inputAt(0, 1), address: "nowhere:1" };
    for (const [i, input] of [inputAt(0, 99), away, inputAt(0, 1), inputAt(1, 77)].entries()) {
      await start(b, consumer(producer(1)), launchOf(1, 10 + i, [input]));
      expect(await b.ended(10 + i)).toMatchObject({ reason: { kind: "inputLost", input: input.attemptId } });
    }
    await close(a, b);
  });
});

describe("the root", () => {
  const rootOf = (from: Fragment, passed: boolean): Fragment =>
    fragmentOf(0, passed ? handOn(200, from.plan.columns) : sorted(200, from.plan.columns), { kind: "result" }, [
      { operatorId: 200, from: from.fragmentId },
    ]);

  it.each([true, false])("gives its rows, passed through: %s", async (passed) => {
    open();
    const a = linkTo(1);
    await start(a, producer(30_000), launchOf(2, 1));
    await a.ended(1);
    const session = cluster.nodes[0]!.worker.local("q", MEMORY);
    const run = session.runRoot(rootOf(producer(1), passed), [inputAt(1, 1)], { names: ["a", "b"] });
    expect(run.columns.map(({ name }) => name)).toEqual(["a", "b"]);
    let rows = 0;
    let last = Number.POSITIVE_INFINITY;
    for await (const batch of run) {
      rows += batch.numRows;
      const first = Number(batch.getChild("a")!.get(0));
      if (!passed) expect(first).toBeLessThan(last);
      last = first;
    }
    expect(rows).toBe(30_000);
    await run.received;
    expect(run.inputBytes().bytesIn).toBeGreaterThan(10_000);
    expect(await run.metrics).toMatchObject({ resultRows: 30_000 });
    expect((await run.metrics).operatorRows[200]).toBe(30_000);
    // Nothing of it was in the engine's memory but what had to be.
    expect((await run.metrics).peakBytes === 0).toBe(passed);
    await session.close();
    await close(a);
  });

  it.each([true, false])("says which input is lost, passed through: %s", async (passed) => {
    open();
    const session = cluster.nodes[0]!.worker.local("q", MEMORY);
    const run = session.runRoot(rootOf(producer(1), passed), [inputAt(1, 5)], { names: [] });
    const error: unknown = await run
      .encodedBatches()
      [Symbol.asyncIterator]()
      .next()
      .catch((e) => e);
    expect(attemptFailureOf(error)).toMatchObject({ kind: "inputLost", input: 5 });
    await expect(run.received).rejects.toBe(error);
    await session.close();
  });

  it("passed through, it is read no faster than its reader reads", async () => {
    open({ maxOutputBytes: 256 << 20 });
    const a = linkTo(1);
    await start(a, producer(2_500_000), launchOf(2, 1));
    const made = await a.ended(1);
    if (made.kind !== "finished") throw new Error(JSON.stringify(made));
    expect(made.report.bytes).toBeGreaterThan(24 << 20);
    const session = cluster.nodes[0]!.worker.local("q", MEMORY);
    const run = session.runRoot(rootOf(producer(1), true), [inputAt(1, 1)], { names: [] });
    const batches = run.encodedBatches()[Symbol.asyncIterator]();
    await batches.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { bytesIn } = run.inputBytes();
    expect(bytesIn).toBeLessThan(20 << 20);
    // Left early: all of it ends.
    await batches.return!();
    await expect(run.metrics).rejects.toMatchObject({ code: "cancelled" });
    await session.close();
    await close(a);
  });

  it("stops with its signal and with its session", async () => {
    open();
    const a = linkTo(1);
    await start(a, producer(300_000), launchOf(2, 1));
    await a.ended(1);
    const root = rootOf(producer(1), false);
    const session = cluster.nodes[0]!.worker.local("q", MEMORY);
    const stop = new AbortController();
    const first = session.runRoot(root, [inputAt(1, 1)], { names: [], signal: stop.signal });
    const second = session.runRoot(root, [inputAt(1, 1)], { names: [] });
    const ends = [first, second].map((run) =>
      run.metrics.then(
        () => "done",
        (error) => error.code,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new QueryError("timeout", "it took too long"));
    expect(await ends[0]).toBe("timeout");
    await session.close();
    expect(await ends[1]).toBe("cancelled");
    const third = session.runRoot(root, [inputAt(1, 1)], { names: [] });
    await expect(third.metrics).rejects.toMatchObject({ code: "cancelled" });
    await close(a);
  });
});

describe("a query's stream", () => {
  it("refuses what comes out of order, and what is no message", async () => {
    open();
    const link = linkTo(0);
    await link.send({ kind: "begin", queryId: "q", memoryBytes: 1 });
    await link.served;
    const other = linkTo(0);
    await other.stream.send(Buffer.from("no message"));
    await other.served;
  });

  it("ends all there is of the query when it ends or breaks, at any moment", async () => {
    open({ maxOutputBytes: 1 << 20 });
    let random = 42;
    const below = (n: number): number => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      return Math.floor((random / 2 ** 32) * n);
    };
    const took: number[] = [];
    for (let round = 0; round < 40; round++) {
      const [a, b] = [linkTo(0), linkTo(1)];
      await start(a, producer(20_000 + 1000 * below(150)), launchOf(2, 1));
      const chained = a.ended(1).then(() => start(b, consumer(producer(1)), launchOf(1, 2, [inputAt(0, 1)])));
      chained.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, below(round % 4 === 0 ? 10 : 120)));
      const begun = performance.now();
      for (const { stream } of [a, b]) {
        if (below(2) === 0) stream.end();
        else stream.cancel(new QueryError("io", "broken"));
      }
      await Promise.all([a.served, b.served]);
      took.push(performance.now() - begun);
      expectNothingLeft();
    }
    // Of the single one nothing can be said where others use the machine too.
    expect(took.sort((x, y) => x - y)[took.length / 2]).toBeLessThan(200);
  });

  it("leaves nothing behind 200 times in a row", async () => {
    open({ maxOutputBytes: 1 << 20 });
    const rows = 2000;
    const heap: number[] = [];
    for (let round = 0; round < 200; round++) {
      const [a, b] = [linkTo(0), linkTo(1)];
      await start(a, producer(rows), launchOf(2, 1));
      expect(await a.ended(1)).toMatchObject({ kind: "finished" });
      await start(b, consumer(producer(1)), launchOf(1, 2, [inputAt(0, 1)]));
      expect(await b.ended(2)).toMatchObject({ kind: "finished", report: { rows } });
      await close(a, b);
      expectNothingLeft();
      if (round % 50 === 49) {
        globalThis.gc?.();
        heap.push(process.memoryUsage().heapUsed + process.memoryUsage().external);
      }
    }
    if (globalThis.gc !== undefined) expect(heap.at(-1)! - heap[1]!).toBeLessThan(4 << 20);
  });

  it("ends when the worker closes, which removes its files", async () => {
    open({ maxOutputBytes: 0 });
    const a = linkTo(0);
    await start(a, producer(1000), launchOf(2, 1));
    await a.ended(1);
    const session = cluster.nodes[0]!.worker.local("other", MEMORY);
    const { worker } = cluster.nodes[0]!;
    await worker.close();
    await a.served;
    for await (const _ of session.events) throw new Error("nothing happened");
    expect(() => worker.local("late", 1)).toThrow(expect.objectContaining({ code: "closed" }));
  });
});
