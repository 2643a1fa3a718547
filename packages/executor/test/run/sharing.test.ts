import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { queryBlock, threadContext } from "../../src/layout/context.ts";
import type { CompiledQuery } from "../../src/pipelines/compiled-pipeline.ts";
import { operatorRaiseCode } from "../../src/pipelines/raise-code.ts";
import { controlBlock, controlOf } from "../../src/run/control-block.ts";
import { createTurns } from "../../src/run/task-runner.ts";
import {
  addToState,
  callImport,
  emitResult,
  int64s,
  loadState,
  openRuntime,
  pipeline,
  query,
  type Runtime,
} from "./runtime.ts";

/** `tasks` tasks that each take a while and add 1; then the sum. With `rows`, each also makes that many rows. */
const manyTasks = (tasks: number, work: number, rows = 0): CompiledQuery =>
  query(
    pipeline({
      phases: [
        { kind: "once", function: "open" },
        { kind: "tasks", function: "task", countOffset: 8, few: 1 },
        { kind: "perThread", function: "nothing" },
        { kind: "tasks", function: "task", countOffset: 8, few: 1 },
        ...(rows === 0 ? [{ kind: "once", function: "close" } as const] : []),
      ],
      functions: {
        open: (fn, context) => addToState(fn, context!, 8, tasks),
        nothing: () => {},
        task: (fn, context, task) => {
          const i = fn.local("i32");
          fn.i32(work);
          fn.set(i);
          fn.loop((next) => {
            fn.get(i);
            fn.i32(1);
            fn.op("i32.sub");
            fn.tee(i);
            fn.brIf(next);
          });
          addToState(fn, context!, 0, 1);
          if (rows === 0) return;
          fn.i32(rows);
          fn.set(i);
          fn.loop((next) => {
            emitResult(fn, context!, () => {
              fn.get(task!);
              fn.op("i64.extend_i32_u");
            });
            fn.get(i);
            fn.i32(1);
            fn.op("i32.sub");
            fn.tee(i);
            fn.brIf(next);
          });
        },
        close: (fn, context) => emitResult(fn, context!, () => loadState(fn, context!, 0)),
      },
    }),
  );

describe.each([
  ["the calling thread", 0],
  ["two workers", 2],
])("queries that share %s", (_, threads) => {
  let runtime: Runtime;
  beforeEach(() => {
    runtime = openRuntime(threads);
  });
  afterEach(() => runtime.close());

  it("take turns: each is done once and whole, and the short one does not wait for the long one", async () => {
    const free = runtime.freeBytes();
    const ended: string[] = [];
    const run = async (name: string, compiled: CompiledQuery): Promise<bigint[]> => {
      const values = int64s((await runtime.run(compiled)).batches);
      ended.push(name);
      return values;
    };
    const long = run("long", manyTasks(200, 2_000_000));
    const middle = run("middle", manyTasks(60, 2_000_000));
    const short = run("short", manyTasks(3, 1000));
    expect(await Promise.all([long, middle, short])).toEqual([[400n], [120n], [6n]]);
    expect(ended.indexOf("short")).toBeLessThan(ended.indexOf("long"));
    expect(runtime.freeBytes()).toBe(free);
  });

  it("pause when their rows are not read, and leave the threads to others meanwhile", async () => {
    // 2 x 200 tasks of 50,000 rows, 8 bytes each: 160 MB.
    const free = runtime.freeBytes();
    const large = runtime.start(manyTasks(200, 1, 50_000));
    const first = await large.next();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(int64s((await runtime.run(manyTasks(5, 1))).batches)).toEqual([10n]);
    const counts = new Array<number>(200).fill(0);
    for (let batch = first; batch !== undefined; batch = await large.next()) {
      const low = new Uint32Array(batch.columns[0]!.values.buffer);
      for (let row = 0; row < batch.rowCount; row++) counts[low[2 * row]!]!++;
    }
    expect(counts.every((count) => count === 100_000)).toBe(true);
    const metrics = await large.metrics;
    expect(metrics.resultRows).toBe(20_000_000);
    expect(metrics.peakBytes).toBeLessThan(8 << 20);
    expect(runtime.freeBytes()).toBe(free);
  });

  it("can be left half read", async () => {
    const free = runtime.freeBytes();
    const large = runtime.start(manyTasks(200, 1, 50_000));
    await large.next();
    await large.cancel();
    expect(runtime.freeBytes()).toBe(free);
    await expect(large.next()).rejects.toMatchObject({ code: "cancelled" });
  });
});

/** One task that ends only when the query is stopped, and never pauses. */
const endless = (): CompiledQuery =>
  query(
    pipeline({
      phases: [{ kind: "perThread", function: "loop" }],
      functions: {
        loop: (fn, context) => {
          fn.loop((again) => {
            fn.get(context!);
            fn.mem("i32.load", threadContext.query);
            fn.mem("i32.atomic.load", queryBlock.cancel);
            fn.op("i32.eqz");
            fn.brIf(again);
          });
          fn.i32(operatorRaiseCode.cancelled);
          fn.i32(0);
          callImport(fn, "host", "raise", 2);
        },
      },
    }),
  );

describe("queries that cannot pause", () => {
  let runtime: Runtime;
  beforeEach(() => {
    runtime = openRuntime(2);
  });
  afterEach(() => runtime.close());

  it("do not keep others waiting: these get threads of their own", async () => {
    const free = runtime.freeBytes();
    const stuck = [runtime.start(endless()), runtime.start(endless())];
    for (let i = 0; i < 3; i++) expect(int64s((await runtime.run(manyTasks(3, 1000))).batches)).toEqual([6n]);
    await Promise.all(stuck.map(({ cancel }) => cancel()));
    for (const { metrics } of stuck) await expect(metrics).rejects.toMatchObject({ code: "cancelled" });
    expect(runtime.freeBytes()).toBe(free);
    expect(int64s((await runtime.run(manyTasks(3, 1000))).batches)).toEqual([6n]);
  });

  it("wait for their reader in the middle of a task", async () => {
    // Two tasks, one after the other, of 40,000,000 rows, 8 bytes each: 640 MB.
    const ROWS = 40_000_000;
    const free = runtime.freeBytes();
    const large = runtime.start(manyTasks(1, 1, ROWS));
    let ended = false;
    large.metrics.then(
      () => {
        ended = true;
      },
      () => undefined,
    );
    const first = await large.next();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(ended).toBe(false);
    expect(int64s((await runtime.run(manyTasks(5, 1))).batches)).toEqual([10n]);
    let rows = 0;
    for (let batch = first; batch !== undefined; batch = await large.next()) rows += batch.rowCount;
    expect(rows).toBe(2 * ROWS);
    expect(runtime.freeBytes()).toBe(free);
  });

  it("end when they are stopped while they wait for their reader", async () => {
    const free = runtime.freeBytes();
    const large = runtime.start(manyTasks(1, 1, 40_000_000));
    await large.next();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await large.cancel();
    await expect(large.next()).rejects.toMatchObject({ code: "cancelled" });
    expect(runtime.freeBytes()).toBe(free);
  });
});

describe("turns", () => {
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it("come one at a time, in order, whatever the ones before end with", async () => {
    const takeTurn = createTurns();
    let inside = 0;
    const order: number[] = [];
    const asked = Array.from({ length: 20 }, (_, i) =>
      takeTurn(
        async () => {
          expect(++inside).toBe(1);
          await sleep(1);
          order.push(i);
          inside--;
          if (i % 3 === 0) throw new Error(`turn ${i}`);
          return i;
        },
        () => undefined,
      ).catch((error: Error) => error.message),
    );
    expect(await Promise.all(asked)).toEqual(order.map((i) => (i % 3 === 0 ? `turn ${i}` : i)));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it("that are overdue let as many others go ahead as are spare, and no more", async () => {
    const takeTurn = createTurns(2);
    const leave: (() => void)[] = [];
    const started: number[] = [];
    const turns = Array.from({ length: 5 }, (_, i) =>
      takeTurn(
        () => {
          started.push(i);
          return new Promise<void>((resolve) => {
            leave[i] = resolve;
          });
        },
        () => undefined,
      ),
    );
    await vi.waitFor(() => expect(started).toEqual([0, 1, 2]), 10_000);
    await sleep(600);
    expect(started).toEqual([0, 1, 2]);
    leave[1]!();
    await vi.waitFor(() => expect(started).toEqual([0, 1, 2, 3]), 10_000);
    await sleep(600);
    expect(started).toEqual([0, 1, 2, 3]);
    leave[3]!();
    await vi.waitFor(() => expect(started).toEqual([0, 1, 2, 3, 4]), 10_000);
    for (const end of leave) end();
    await Promise.all(turns);
    // All are free again: one at a time, and a turn that ends at once.
    expect(
      await takeTurn(
        async () => "done",
        () => undefined,
      ),
    ).toBe("done");
  });
});

describe("a barrier", () => {
  it("lets no thread pass before all have come, through thousands of rounds with pauses in between", async () => {
    const THREADS = 3;
    const ROUNDS = 3000;
    const runtime = openRuntime(0, 8 << 20);
    const { memory, kernels } = runtime.heap;
    const base = kernels.slabAllocate(0, 4096) >>> 0;
    memory.bytes.fill(0, base, base + 4096);
    const control = controlOf(memory, base, base + 64);
    // At base + 128: rounds that each thread has finished; at 256: calls of `last`; at 260: broken promises.
    const code = `
      const { workerData, parentPort } = require("node:worker_threads");
      const { memory, base, index, threads, rounds, dist } = workerData;
      import(dist + "run/control-block.js").then(async ({ controlOf }) => {
        const i32 = new Int32Array(memory.buffer);
        const control = controlOf({ i32 }, base, base + 64);
        const word = (offset) => (base + offset) >>> 2;
        let pauses = 0;
        for (let round = 0; round < rounds; round++) {
          Atomics.add(i32, word(128 + 4 * index), 1);
          for (;;) {
            const outcome = await control.barrier(threads, async () => {
              Atomics.add(i32, word(256), 1);
              for (let t = 0; t < threads; t++) {
                if (Atomics.load(i32, word(128 + 4 * t)) !== round + 1) Atomics.add(i32, word(260), 1);
              }
              return round;
            });
            if (outcome === "passed") break;
            pauses++;
            while (control.paused()) {}
          }
          if (Atomics.load(i32, word(256)) < round + 1) Atomics.add(i32, word(260), 1);
        }
        parentPort.postMessage(pauses);
      });`;
    const dist = new URL("../../dist/", import.meta.url).href;
    const workers = Array.from(
      { length: THREADS },
      (_, index) =>
        new Worker(code, {
          eval: true,
          workerData: { memory: memory.memory, base, index, threads: THREADS, rounds: ROUNDS, dist },
        }),
    );
    let running = true;
    const ended = Promise.all(
      workers.map(
        (worker) => new Promise<number>((resolve, reject) => worker.on("message", resolve).on("error", reject)),
      ),
    );
    const pausing = (async () => {
      while (running) {
        control.pause();
        await new Promise((resolve) => setImmediate(resolve));
        control.resume();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const pauses = await ended;
    running = false;
    await pausing;
    expect(memory.i32[(base + 256) >>> 2]).toBe(ROUNDS);
    expect(memory.i32[(base + 260) >>> 2]).toBe(0);
    expect(memory.i32[(base + 64 + controlBlock.barrier) >>> 2]! >>> 8).toBe(ROUNDS);
    expect(Math.max(...pauses)).toBeGreaterThan(0);
    await Promise.all(workers.map((worker) => worker.terminate()));
    await runtime.close();
  });
});
