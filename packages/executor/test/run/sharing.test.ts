import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CompiledQuery } from "../../src/pipelines/compiled-pipeline.ts";
import { controlBlock, controlOf } from "../../src/run/control-block.ts";
import { addToState, emitResult, int64s, loadState, openRuntime, pipeline, query, type Runtime } from "./runtime.ts";

/** `tasks` tasks that each take a while and add 1; then the sum. With `rows`, each also makes that many rows. */
const manyTasks = (tasks: number, work: number, rows = 0): CompiledQuery =>
  query(
    pipeline({
      phases: [
        { kind: "once", function: "open" },
        { kind: "tasks", function: "task", countOffset: 8 },
        { kind: "perThread", function: "nothing" },
        { kind: "tasks", function: "task", countOffset: 8 },
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
    expect(ended).toEqual(["short", "middle", "long"]);
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
            const outcome = control.barrier(threads, () => {
              Atomics.add(i32, word(256), 1);
              for (let t = 0; t < threads; t++) {
                if (Atomics.load(i32, word(128 + 4 * t)) !== round + 1) Atomics.add(i32, word(260), 1);
              }
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
