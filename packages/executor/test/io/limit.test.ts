import { setMaxListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createLimit, mapLimited } from "../../src/io/limit.ts";

const never = new AbortController().signal;
setMaxListeners(0, never);
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("a limit", () => {
  it("runs so many at a time, in order", async () => {
    const limit = createLimit(3);
    let [running, most] = [0, 0];
    const order: number[] = [];
    const work = (i: number) => async (): Promise<number> => {
      order.push(i);
      most = Math.max(most, ++running);
      await turn();
      running--;
      if (i % 4 === 0) throw new Error(String(i));
      return i;
    };
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => limit(never, work(i))));
    expect(most).toBe(3);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
    results.forEach((result, i) => {
      expect(result.status).toBe(i % 4 === 0 ? "rejected" : "fulfilled");
    });
  });

  it("lets go who is aborted while waiting, and does not lose its place", async () => {
    const limit = createLimit(1);
    let release = (): void => undefined;
    const first = limit(never, () => new Promise<void>((resolve) => (release = resolve)));
    const controller = new AbortController();
    const second = limit(controller.signal, async () => "ran");
    const third = limit(never, async () => "ran");
    controller.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    release();
    await first;
    expect(await third).toBe("ran");
    await expect(limit(controller.signal, async () => 1)).rejects.toThrow("enough");
    expect(await limit(never, async () => "free")).toBe("free");
  });
});

describe("a limited map", () => {
  it("keeps the order of its items", async () => {
    const results = await mapLimited([5, 1, 3, 0], 2, async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms * 2;
    });
    expect(results).toEqual([10, 2, 6, 0]);
    expect(await mapLimited([], 4, async () => 1)).toEqual([]);
  });

  it("begins no more after a failure, and waits for what has begun", async () => {
    const ended: number[] = [];
    const run = mapLimited([0, 1, 2, 3, 4, 5], 2, async (i) => {
      await turn();
      if (i === 0) throw new Error("no");
      await turn();
      ended.push(i);
    });
    await expect(run).rejects.toThrow("no");
    expect(ended).toEqual([1]);
  });
});
