import { fileURLToPath } from "node:url";
import { int32, type ScanColumn } from "@headcut/plan";
import * as arrow from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { columnEntry } from "../../src/layout/batch.ts";
import { threadContext } from "../../src/layout/context.ts";
import type { PipelineSource } from "../../src/pipelines/compiled-pipeline.ts";
import { rowListHead, rowSegment } from "../../src/pipelines/row-list.ts";
import type { FunctionBuilder, Local } from "../../src/wasm/function-builder.ts";
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

const ROWS = 300_000;

/** A table of 0 … rows - 1, NULL where divisible by 7, and a scan of it. */
const numbersScan = (runtime: Runtime, rows = ROWS): Extract<PipelineSource, { kind: "scan" }> => {
  const table = runtime.tables.create("numbers", [{ name: "n", type: int32, nullable: true }]);
  const values = Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? null : i));
  const vectors = { n: arrow.vectorFromArray(values, new arrow.Int32()) };
  table.appendArrow(...new arrow.Table(vectors).batches);
  const columns: ScanColumn[] = [{ id: 1, index: 0, name: "n", type: int32, nullable: true }];
  return {
    kind: "scan",
    operatorId: 0,
    table: table.describe(),
    columns,
    outputColumns: [0],
    predicates: [],
    filters: [],
  };
};

const scanOf = (source: Extract<PipelineSource, { kind: "scan" }>, rest: Partial<typeof source>): typeof source => ({
  ...source,
  ...rest,
});

/** process: adds the batch's row count to the u32 at offset 0 of the states. */
const countRows = (fn: FunctionBuilder, context: Local, _batch: Local, _selection: Local, count: Local): void => {
  addToState(fn, context, 0, () => fn.get(count));
  fn.i32(0);
};

const emitCount = (fn: FunctionBuilder, context: Local): void =>
  emitResult(fn, context, () => loadState(fn, context, 0));

/** Never ends by itself: looks at the cancel flag and raises, as compiled loops do. */
const loopUntilCancelled = (fn: FunctionBuilder, context: Local): void => {
  fn.loop((again) => {
    fn.get(context);
    fn.mem("i32.load", threadContext.query);
    fn.mem("i32.atomic.load");
    fn.op("i32.eqz");
    fn.brIf(again);
  });
  fn.i32(33);
  fn.i32(0);
  callImport(fn, "host", "raise", 2);
};

describe.each([
  ["the calling thread", 0],
  ["one worker", 1],
  ["two workers", 2],
])("a query on %s", (_, threads) => {
  let runtime: Runtime;
  let free: bigint;

  beforeEach(() => {
    runtime = openRuntime(threads);
    free = runtime.freeBytes();
  });
  afterEach(async () => {
    runtime.tables.dropAll();
    expect(runtime.freeBytes()).toBe(free);
    await runtime.close();
  });

  it("runs a scan between its phases, each to its end before the next", async () => {
    const counting = pipeline({
      source: numbersScan(runtime),
      threadLocalBytes: 16,
      phases: [
        { kind: "once", function: "open" },
        { kind: "perThread", function: "openThread" },
        { kind: "source", function: "process" },
        { kind: "perThread", function: "closeThread" },
        { kind: "once", function: "close" },
      ],
      functions: {
        // The count starts at 1000, and each thread's at 10.
        open: (fn, context) => addToState(fn, context, 0, 1000),
        openThread: (fn, context) => {
          fn.get(context);
          fn.i32(10);
          fn.mem("i32.store", threadContext.local);
        },
        closeThread: (fn, context) =>
          addToState(fn, context, 0, () => {
            fn.get(context);
            fn.mem("i32.load", threadContext.local);
          }),
        close: (fn, context) => emitCount(fn, context),
      },
      process: {
        process: (fn, context, _batch, _selection, count) => {
          fn.get(context);
          fn.get(context);
          fn.mem("i32.load", threadContext.local);
          fn.get(count!);
          fn.op("i32.add");
          fn.mem("i32.store", threadContext.local);
          fn.i32(0);
        },
      },
    });
    const { batches, metrics } = await runtime.run(query(counting));
    expect(int64s(batches)).toEqual([BigInt(1000 + 10 * Math.max(1, threads) + ROWS)]);
    expect(metrics.threads).toBe(Math.max(1, threads));
    expect(metrics.scans).toMatchObject([{ operatorId: 0, rowsRead: ROWS, morsels: 20 }]);
    expect(metrics.resultRows).toBe(1);
    expect(metrics.pipelines[0]!.busyMs).toBeGreaterThan(0);
  });

  it("passes batches with values, validity and the filters' selection", async () => {
    // filter: rows that are valid; process: sum of their values, modulo 2^32.
    const source = scanOf(numbersScan(runtime), { filters: [{ function: "isValid", columns: [0], mayFail: false }] });
    const sum = pipeline({
      source,
      phases: [
        { kind: "source", function: "process" },
        { kind: "once", function: "close" },
      ],
      functions: { close: emitCount },
      filters: {
        isValid: (fn, batch, rows, count, out) => {
          const [i, passed, valid] = [fn.local("i32"), fn.local("i32"), fn.local("i32")];
          fn.get(rows!);
          fn.if(() => fn.op("unreachable"));
          fn.get(batch!);
          fn.mem("i32.load", columnEntry.valid);
          fn.set(valid);
          fn.loop((next) => {
            fn.get(out!);
            fn.get(passed);
            fn.i32(2);
            fn.op("i32.shl");
            fn.op("i32.add");
            fn.get(i);
            fn.mem("i32.store");
            fn.get(passed);
            fn.get(valid);
            fn.get(i);
            fn.op("i32.add");
            fn.mem("i32.load8_u");
            fn.op("i32.add");
            fn.set(passed);
            fn.get(i);
            fn.i32(1);
            fn.op("i32.add");
            fn.tee(i);
            fn.get(count!);
            fn.op("i32.lt_u");
            fn.brIf(next);
          });
          fn.get(passed);
        },
      },
      process: {
        process: (fn, context, batch, selection, count) => {
          const [i, total] = [fn.local("i32"), fn.local("i32")];
          fn.loop((next) => {
            fn.get(total);
            fn.get(batch!);
            fn.mem("i32.load", columnEntry.values);
            fn.get(selection!);
            fn.get(i);
            fn.i32(2);
            fn.op("i32.shl");
            fn.op("i32.add");
            fn.mem("i32.load");
            fn.i32(2);
            fn.op("i32.shl");
            fn.op("i32.add");
            fn.mem("i32.load");
            fn.op("i32.add");
            fn.set(total);
            fn.get(i);
            fn.i32(1);
            fn.op("i32.add");
            fn.tee(i);
            fn.get(count!);
            fn.op("i32.lt_u");
            fn.brIf(next);
          });
          addToState(fn, context!, 0, () => fn.get(total));
          fn.i32(0);
        },
      },
    });
    let expected = 0;
    for (let i = 0; i < ROWS; i++) if (i % 7 !== 0) expected = (expected + i) % 2 ** 32;
    expect(int64s((await runtime.run(query(sum))).batches)).toEqual([BigInt(expected)]);
  });

  it("relocates constants, and calls the source of constant rows once", async () => {
    const constants = new Uint8Array(32);
    new DataView(constants.buffer).setUint32(0, 24, true);
    new DataView(constants.buffer).setUint32(24, 77, true);
    const one = pipeline({
      phases: [{ kind: "source", function: "process" }],
      constants: { bytes: constants, relocations: [0] },
      process: {
        process: (fn, context, batch, selection, count) => {
          emitResult(fn, context!, () => {
            fn.get(context!);
            fn.mem("i32.load", threadContext.constants);
            fn.mem("i32.load");
            fn.mem("i32.load");
            for (const parameter of [batch!, selection!, count!]) {
              fn.get(parameter);
              fn.op("i32.add");
            }
            fn.op("i64.extend_i32_u");
          });
          fn.i32(0);
        },
      },
    });
    expect(int64s((await runtime.run(query(one))).batches)).toEqual([78n]);
  });

  it("hands row lists from one pipeline to the next, and tasks in the number that was asked for", async () => {
    // An arena block holds 3 segments of 5, 0 and 7 rows; each row counts, and so does each of 4 tasks (100 + task).
    const HEAD = 16;
    const making = pipeline({
      phases: [{ kind: "once", function: "make" }],
      functions: {
        make: (fn, context) => {
          const block = fn.local("i32");
          fn.get(context!);
          fn.mem("i32.load", threadContext.arena);
          fn.i32(3 * rowSegment.bytes);
          callImport(fn, "kernels", "arenaAllocate", 2, true);
          fn.set(block);
          const store = (address: () => void, offset: number, value: () => void): void => {
            address();
            value();
            fn.mem("i32.store", offset);
          };
          [5, 0, 7].forEach((rows, i) => {
            store(
              () => fn.get(block),
              i * rowSegment.bytes + rowSegment.batch,
              () => fn.i32(4242),
            );
            store(
              () => fn.get(block),
              i * rowSegment.bytes + rowSegment.selection,
              () => fn.i32(0),
            );
            store(
              () => fn.get(block),
              i * rowSegment.bytes + rowSegment.count,
              () => fn.i32(rows),
            );
          });
          const states = (): void => {
            fn.get(context!);
            fn.mem("i32.load", threadContext.states);
          };
          store(states, HEAD + rowListHead.segments, () => fn.get(block));
          store(states, HEAD + rowListHead.segmentCount, () => fn.i32(3));
          store(states, 8, () => fn.i32(4));
        },
      },
    });
    const reading = pipeline({
      source: { kind: "rows", listOffset: HEAD },
      phases: [
        { kind: "source", function: "process" },
        { kind: "tasks", function: "task", countOffset: 8 },
        { kind: "tasks", function: "task", countOffset: 48 },
        { kind: "once", function: "close" },
      ],
      process: { process: countRows },
      functions: {
        task: (fn, context, task) =>
          addToState(fn, context!, 0, () => {
            fn.i32(100);
            fn.get(task!);
            fn.op("i32.add");
          }),
        close: emitCount,
      },
    });
    expect(int64s((await runtime.run(query(making, reading))).batches)).toEqual([BigInt(5 + 7 + 400 + 6)]);
  });

  it("takes an ordered source in order, and keeps the order of its result", async () => {
    const ordered = pipeline({
      source: numbersScan(runtime),
      phases: [{ kind: "source", function: "process", ordered: true }],
      process: {
        process: (fn, context, batch, _selection, count) => {
          const i = fn.local("i32");
          fn.loop((next) => {
            emitResult(fn, context!, () => {
              fn.get(batch!);
              fn.mem("i32.load", columnEntry.values);
              fn.get(i);
              fn.i32(2);
              fn.op("i32.shl");
              fn.op("i32.add");
              fn.mem("i64.load32_s");
            });
            fn.get(i);
            fn.i32(1);
            fn.op("i32.add");
            fn.tee(i);
            fn.get(count!);
            fn.op("i32.lt_u");
            fn.brIf(next);
          });
          fn.i32(0);
        },
      },
    });
    const values = int64s((await runtime.run(query(ordered))).batches);
    expect(values.length).toBe(ROWS);
    expect(values.every((value, i) => i % 7 === 0 || value === BigInt(i))).toBe(true);
  });

  it("stops reading once a pipeline needs no more", async () => {
    const first = pipeline({
      source: numbersScan(runtime),
      phases: [
        { kind: "source", function: "process" },
        { kind: "once", function: "close" },
      ],
      functions: { close: emitCount },
      process: {
        process: (fn, context, _batch, _selection, count) => {
          addToState(fn, context!, 0, () => fn.get(count!));
          fn.i32(1);
        },
      },
    });
    const { batches, metrics } = await runtime.run(query(first));
    expect(Number(int64s(batches)[0])).toBeLessThanOrEqual(4096 * Math.max(1, threads));
    expect(metrics.scans[0]!.rowsRead).toBeLessThanOrEqual(4096 * Math.max(1, threads));
  });

  it("reports what compiled code raises, as the error it stands for", async () => {
    const raising = (code: number, detail: number) =>
      runtime.run(
        query(
          pipeline({
            name: "guilty",
            messages: ["first", "INTEGER out of range"],
            phases: [{ kind: "perThread", function: "fail" }],
            functions: {
              fail: (fn) => {
                fn.i32(code);
                fn.i32(detail);
                callImport(fn, "host", "raise", 2);
              },
            },
          }),
        ),
        { limitBytes: 8 << 20 },
      );
    await expect(raising(2, 1)).rejects.toMatchObject({ code: "overflow", message: "INTEGER out of range" });
    await expect(raising(32, 0)).rejects.toMatchObject({ code: "too-many-rows" });
    await expect(raising(1, 1)).rejects.toMatchObject({
      code: "out-of-memory",
      message: expect.stringMatching(
        /^second needs more memory than the query may use, 8 MiB: the result has \d+ KiB$/,
      ),
    });
    await expect(raising(99, 0)).rejects.toThrow(/internal error.*99.*guilty/);
  });

  it("turns traps into errors of ours that name the pipeline", async () => {
    const trapping = (body: (fn: FunctionBuilder) => void) =>
      runtime.run(
        query(
          pipeline({
            name: "guilty",
            phases: [{ kind: "once", function: "fail" }],
            functions: { fail: (fn) => body(fn) },
          }),
        ),
      );
    await expect(trapping((fn) => fn.op("unreachable"))).rejects.toThrow(/internal error.*unreachable.*guilty/);
    await expect(
      trapping((fn) => {
        fn.i32(-8);
        fn.mem("i64.load");
        fn.op("drop");
      }),
    ).rejects.toThrow(/internal error.*out of bounds.*guilty/);
  });

  it("gives back arenas and slabs, also those that a failure left behind", async () => {
    const greedy = pipeline({
      phases: [{ kind: "perThread", function: "take" }],
      functions: {
        take: (fn, context) => {
          fn.get(context!);
          fn.mem("i32.load", threadContext.arena);
          fn.i32(3_000_000);
          callImport(fn, "kernels", "arenaAllocate", 2, true);
          fn.op("drop");
          fn.get(context!);
          fn.mem("i32.load", threadContext.query);
          fn.i32(5_000_000);
          callImport(fn, "kernels", "slabAllocate", 2, true);
          fn.op("i32.eqz");
          fn.if(() => fn.op("unreachable"));
        },
      },
    });
    const failing = pipeline({
      phases: [{ kind: "once", function: "fail" }],
      functions: { fail: (fn) => fn.op("unreachable") },
    });
    const before = runtime.freeBytes();
    const { metrics } = await runtime.run(query(greedy));
    expect(metrics.peakBytes).toBeGreaterThan(Math.max(1, threads) * (8 << 20));
    expect(runtime.freeBytes()).toBe(before);
    await expect(runtime.run(query(greedy, failing))).rejects.toThrow("internal error");
    expect(runtime.freeBytes()).toBe(before);
    await expect(runtime.run(query(greedy), { limitBytes: 6 << 20 })).rejects.toThrow("unreachable");
    expect(runtime.freeBytes()).toBe(before);
    await expect(runtime.run(query(greedy), { limitBytes: 1000 })).rejects.toMatchObject({ code: "out-of-memory" });
  });

  it("stops when its signal aborts or its time is up, wherever it is", async () => {
    const source = numbersScan(runtime);
    // Slow enough that it would take minutes.
    const slow = pipeline({
      source,
      phases: [{ kind: "source", function: "process" }],
      process: {
        process: (fn) => {
          const i = fn.local("i32");
          fn.i32(40_000_000);
          fn.set(i);
          fn.loop((next) => {
            fn.get(i);
            fn.i32(1);
            fn.op("i32.sub");
            fn.tee(i);
            fn.brIf(next);
          });
          fn.i32(0);
        },
      },
    });
    const before = runtime.freeBytes();
    const controller = new AbortController();
    const execution = runtime.start(query(slow), { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 150));
    controller.abort();
    // Were it not stopped, the test would time out.
    await expect(execution.next()).rejects.toMatchObject({ code: "cancelled" });
    await expect(execution.metrics).rejects.toMatchObject({ code: "cancelled" });
    expect(runtime.freeBytes()).toBe(before);

    await expect(runtime.run(query(slow), { timeoutMs: 100 })).rejects.toMatchObject({ code: "timeout" });
    await expect(runtime.run(query(slow), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
    const cancelled = runtime.start(query(slow));
    await cancelled.cancel();
    await expect(cancelled.next()).rejects.toMatchObject({ code: "cancelled" });
    expect(runtime.freeBytes()).toBe(before);
  });

  it("reports progress between 0 and 1", async () => {
    const source = numbersScan(runtime);
    const slow = pipeline({
      source,
      phases: [{ kind: "source", function: "process" }],
      process: {
        process: (fn) => {
          const i = fn.local("i32");
          fn.i32(20_000_000);
          fn.set(i);
          fn.loop((next) => {
            fn.get(i);
            fn.i32(1);
            fn.op("i32.sub");
            fn.tee(i);
            fn.brIf(next);
          });
          fn.i32(0);
        },
      },
    });
    const fractions: number[] = [];
    await runtime.run(query(slow), { onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions.length).toBeGreaterThan(0);
    expect(fractions.every((fraction, i) => fraction >= (fractions[i - 1] ?? 0) && fraction <= 1)).toBe(true);
    expect(fractions.at(-1)).toBeGreaterThan(0);
  });
});

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
