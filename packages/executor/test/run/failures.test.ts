import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { threadContext } from "../../src/layout/context.ts";
import type { FunctionBuilder } from "../../src/wasm/function-builder.ts";
import { countDown, numbersScan } from "./hand-made-code.ts";
import { callImport, openRuntime, pipeline, query, type Runtime } from "./runtime.ts";

describe.each([
  ["the calling thread", 0],
  ["one worker", 1],
  ["two workers", 2],
])("what goes wrong on %s", (_, threads) => {
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
        process: (fn) => countDown(fn, 40_000_000),
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
});
