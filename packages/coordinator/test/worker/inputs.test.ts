import { QueryError } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import type { Fragment } from "../../src/cut/fragment.ts";
import { attemptFailureOf } from "../../src/worker/attempt-failure.ts";
import { fragmentOf, handOn, producer, sorted } from "./plans.ts";
import {
  close,
  closeAfterEach,
  cluster,
  consumer,
  inputAt,
  launchOf,
  linkTo,
  MEMORY,
  open,
  start,
} from "./session-cluster.ts";

closeAfterEach();

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
