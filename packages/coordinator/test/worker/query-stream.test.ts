import { QueryError } from "@headcut/plan";
import { describe, expect, it } from "vitest";
import { producer } from "./plans.ts";
import {
  close,
  closeAfterEach,
  cluster,
  consumer,
  expectNothingLeft,
  inputAt,
  launchOf,
  linkTo,
  MEMORY,
  open,
  start,
} from "./session-cluster.ts";

closeAfterEach();

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
