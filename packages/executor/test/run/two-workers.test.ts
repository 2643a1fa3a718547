import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { threadContext } from "../../src/layout/context.ts";
import type { FunctionBuilder, Local } from "../../src/wasm/function-builder.ts";
import { emitCount, loopUntilCancelled } from "./hand-made-code.ts";
import { addToState, callImport, int64s, openRuntime, pipeline, query, type Runtime } from "./runtime.ts";

describe("a query on two workers", () => {
  let runtime: Runtime;
  beforeEach(() => {
    runtime = openRuntime(2);
  });
  afterEach(() => runtime.close());

  /** The second thread runs `body`; the first goes on to the barrier. */
  const onSecond = (fn: FunctionBuilder, context: Local, body: () => void): void => {
    fn.get(context);
    fn.mem("i32.load", threadContext.threadIndex);
    fn.if(body);
  };

  it("fails with the first error, while the other thread waits at the barrier", async () => {
    const half = pipeline({
      phases: [{ kind: "perThread", function: "f" }],
      functions: {
        f: (fn, context) =>
          onSecond(fn, context!, () => {
            fn.i32(32);
            fn.i32(0);
            callImport(fn, "host", "raise", 2);
          }),
      },
    });
    await expect(runtime.run(query(half))).rejects.toMatchObject({ code: "too-many-rows" });
  });

  it("stops the threads that still work when one has failed, and reports its error alone", async () => {
    const both = pipeline({
      phases: [{ kind: "perThread", function: "f" }],
      functions: {
        f: (fn, context) => {
          onSecond(fn, context!, () => {
            fn.i32(32);
            fn.i32(0);
            callImport(fn, "host", "raise", 2);
          });
          loopUntilCancelled(fn, context!);
        },
      },
    });
    await expect(runtime.run(query(both))).rejects.toMatchObject({ code: "too-many-rows" });
  });

  /** Ten tasks behind a barrier, of which `few` are not worth another thread; `open` runs before them. */
  const tenTasks = (few: number, task: (fn: FunctionBuilder, context: Local) => void) =>
    pipeline({
      phases: [
        { kind: "once", function: "open" },
        { kind: "tasks", function: "task", countOffset: 8, few },
        { kind: "perThread", function: "each" },
        { kind: "once", function: "close" },
      ],
      functions: {
        open: (fn, context) => addToState(fn, context!, 8, 10),
        task: (fn, context) => task(fn, context!),
        each: (fn, context) => addToState(fn, context!, 0, 1000),
        close: emitCount,
      },
    });
  const addOne = (fn: FunctionBuilder, context: Local): void => addToState(fn, context, 0, 1);

  it.each([
    [10, 1],
    [9, 2],
  ])("gives ten tasks, of which %i are few, to %i threads", async (few, threads) => {
    const { batches, metrics } = await runtime.run(query(tenTasks(few, addOne)));
    expect(int64s(batches)).toEqual([2010n]);
    const threadsOf = (phase: string): number => metrics.timeline.filter((span) => span.phase.startsWith(phase)).length;
    expect(threadsOf("tasks")).toBe(threads);
    expect(threadsOf("perThread")).toBe(2);
  });

  it("fails with the error of tasks that one thread does alone, while the other waits", async () => {
    const failing = tenTasks(10, (fn) => {
      fn.i32(32);
      fn.i32(0);
      callImport(fn, "host", "raise", 2);
    });
    await expect(runtime.run(query(failing))).rejects.toMatchObject({ code: "too-many-rows" });
    expect(int64s((await runtime.run(query(tenTasks(10, addOne)))).batches)).toEqual([2010n]);
  });

  it("can be cancelled in tasks that one thread does alone", async () => {
    const execution = runtime.start(query(tenTasks(10, loopUntilCancelled)));
    setTimeout(() => void execution.cancel(), 50);
    await expect(execution.metrics).rejects.toMatchObject({ code: "cancelled" });
  });

  it.each(["deadly", "throwing", "bursting"])(
    "fails when a worker dies (%s), and the next query has a new one",
    async (name) => {
      const mortal = openRuntime(2, 64 << 20, fileURLToPath(new URL("./dying-worker.mjs", import.meta.url)));
      const free = mortal.freeBytes();
      const deadly = pipeline({
        name,
        phases: [{ kind: "perThread", function: "f" }],
        functions: { f: (fn, context) => loopUntilCancelled(fn, context!) },
      });
      const fine = pipeline({ phases: [{ kind: "once", function: "close" }], functions: { close: emitCount } });
      for (let i = 0; i < 5; i++) {
        await expect(mortal.run(query(deadly))).rejects.toThrow(/internal error: a worker thread died/);
        expect(mortal.freeBytes()).toBe(free);
        expect(int64s((await mortal.run(query(fine))).batches)).toEqual([0n]);
        expect(mortal.freeBytes()).toBe(free);
      }
      await mortal.close();
    },
  );

  it("fails alone when its worker dies: queries that run beside it and wait behind it do not notice", async () => {
    const mortal = openRuntime(2, 64 << 20, fileURLToPath(new URL("./dying-worker.mjs", import.meta.url)));
    const free = mortal.freeBytes();
    const endless = (name: string) =>
      query(
        pipeline({
          name,
          phases: [{ kind: "perThread", function: "f" }],
          functions: { f: (fn, context) => loopUntilCancelled(fn, context!) },
        }),
      );
    const fine = pipeline({ phases: [{ kind: "once", function: "close" }], functions: { close: emitCount } });
    const beside = mortal.start(endless("endless"));
    let stopped = false;
    beside.metrics.catch(() => {
      stopped = true;
    });
    const ends = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) => mortal.run(i % 2 === 0 ? endless("deadly") : query(fine))),
    );
    ends.forEach((end, i) => {
      if (i % 2 === 0) expect(String((end as PromiseRejectedResult).reason)).toContain("a worker thread died");
      else
        expect(int64s((end as PromiseFulfilledResult<Awaited<ReturnType<typeof mortal.run>>>).value.batches)).toEqual([
          0n,
        ]);
    });
    expect(stopped).toBe(false);
    await beside.cancel();
    await expect(beside.metrics).rejects.toMatchObject({ code: "cancelled" });
    expect(mortal.freeBytes()).toBe(free);
    await mortal.close();
  });
});
