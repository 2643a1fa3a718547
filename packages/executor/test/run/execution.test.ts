import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { columnEntry } from "../../src/layout/batch.ts";
import { threadContext } from "../../src/layout/context.ts";
import { rowListHead, rowSegment } from "../../src/pipelines/row-list.ts";
import { countDown, countRows, emitCount, numbersScan, ROWS, scanOf } from "./hand-made-code.ts";
import { addToState, callImport, emitResult, int64s, openRuntime, pipeline, query, type Runtime } from "./runtime.ts";

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
        { kind: "tasks", function: "task", countOffset: 8, few: 1 },
        { kind: "tasks", function: "task", countOffset: 48, few: 1 },
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

  it("reports progress between 0 and 1", async () => {
    const source = numbersScan(runtime);
    const slow = pipeline({
      source,
      phases: [{ kind: "source", function: "process" }],
      process: {
        process: (fn) => countDown(fn, 20_000_000),
      },
    });
    const fractions: number[] = [];
    await runtime.run(query(slow), { onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions.length).toBeGreaterThan(0);
    expect(fractions.every((fraction, i) => fraction >= (fractions[i - 1] ?? 0) && fraction <= 1)).toBe(true);
    expect(fractions.at(-1)).toBeGreaterThan(0);
  });
});
