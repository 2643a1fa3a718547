import { describe, expect, it } from "vitest";
import { type RetryPolicy, withRetries } from "../../src/io/s3/attempts.ts";
import { fetchRange } from "../../src/io/s3/fetch-range.ts";
import type { ObjectBody, ObjectClient } from "../../src/io/s3/object-client.ts";
import { RequestFailure } from "../../src/io/s3/request-failure.ts";

const policy: RetryPolicy = { retries: 3, timeoutMs: 40, watchBytes: 100, firstPauseMs: 4, longestPauseMs: 10 };
const transient = (): RequestFailure => new RequestFailure("transient", "not now");
const never = new AbortController().signal;
const until = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
const failureOf = (run: Promise<unknown>): Promise<RequestFailure> =>
  run.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: RequestFailure) => error,
  );

describe("attempts", () => {
  it("end with the first that succeeds", async () => {
    let attempts = 0;
    const result = await withRetries(policy, never, async () => {
      if (++attempts < 3) throw transient();
      return "done";
    });
    expect([result, attempts]).toEqual(["done", 3]);
  });

  it("are bounded, and say how many there were", async () => {
    let attempts = 0;
    const failure = await failureOf(
      withRetries(policy, never, async () => {
        attempts++;
        throw transient();
      }),
    );
    expect(attempts).toBe(4);
    expect(failure).toMatchObject({ kind: "transient", message: "not now, after 4 attempts" });
  });

  it.each(["missing", "changed", "denied", "final"] as const)(
    "are not repeated when the answer is %s",
    async (kind) => {
      let attempts = 0;
      const failure = await failureOf(
        withRetries(policy, never, async () => {
          attempts++;
          throw new RequestFailure(kind, "no");
        }),
      );
      expect([attempts, failure.kind, failure.message]).toEqual([1, kind, "no"]);
    },
  );

  it("wait longer and longer between", async () => {
    const at: number[] = [];
    await failureOf(
      withRetries({ ...policy, firstPauseMs: 40, longestPauseMs: 100 }, never, async () => {
        at.push(performance.now());
        throw transient();
      }),
    );
    const pauses = at.slice(1).map((time, i) => time - at[i]!);
    [20, 40, 50].forEach((least, i) => {
      expect(pauses[i]).toBeGreaterThanOrEqual(least - 2);
    });
  });

  it("that do not get on are given up", async () => {
    let attempts = 0;
    const failure = await failureOf(
      withRetries(policy, never, (signal) => {
        attempts++;
        return until(signal);
      }),
    );
    expect(attempts).toBe(4);
    expect(failure.message).toMatch(/too slow.*0.04 s, after 4 attempts/);
  });

  it("that get on may take long", async () => {
    const result = await withRetries({ ...policy, timeoutMs: 500 }, never, async (signal, progress) => {
      for (let i = 0; i < 8; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        signal.throwIfAborted();
        progress(60);
      }
      return "done";
    });
    expect(result).toBe("done");
  });

  it("that brought something do not count, up to a bound", async () => {
    let attempts = 0;
    const failure = await failureOf(
      withRetries(policy, never, async (_, progress) => {
        attempts++;
        progress(100);
        throw transient();
      }),
    );
    expect(failure.message).toContain("after 25 attempts");
    expect(attempts).toBe(25);
  });

  it("end at once when they are aborted: in an attempt, in a pause, before the first", async () => {
    const reason = new Error("enough");
    for (const attempt of [until, () => Promise.reject(transient())]) {
      const controller = new AbortController();
      const run = withRetries(
        { ...policy, timeoutMs: 5000, firstPauseMs: 5000, longestPauseMs: 5000 },
        controller.signal,
        attempt,
      );
      setTimeout(() => controller.abort(reason), 20);
      const start = performance.now();
      await expect(run).rejects.toBe(reason);
      expect(performance.now() - start).toBeLessThan(500);
    }
    await expect(withRetries(policy, AbortSignal.abort(reason), async () => 1)).rejects.toBe(reason);
  });
});

describe("fetching a range", () => {
  const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  /** Each answer is made by the next of the functions, the last one again and again. */
  const clientOf = (...answers: ((start: number, end: number) => Partial<ObjectBody> | Error)[]) => {
    const asked: string[] = [];
    const client: Pick<ObjectClient, "get"> = {
      get: async (_, etag, { start, end }) => {
        asked.push(`${etag} ${start}-${end}`);
        const answer = answers[Math.min(asked.length, answers.length) - 1]!(start, end);
        if (answer instanceof Error) throw answer;
        return { etag: "e", range: { start, end }, bytes: chunks(content.subarray(start, end)), ...answer };
      },
    };
    return { asked, client: client as ObjectClient };
  };
  async function* chunks(bytes: Uint8Array, error?: Error): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 64) yield bytes.subarray(at, at + 64);
    if (error !== undefined) throw error;
  }
  const fetch = async (client: ObjectClient, signal = never) => {
    const target = new Uint8Array(1000);
    let next = 100;
    await fetchRange(
      client,
      { bucket: "b", key: "k" },
      "e",
      { start: 100, end: 900 },
      policy,
      signal,
      (bytes, start) => {
        expect(start).toBe(next);
        next += bytes.length;
        target.set(bytes, start);
      },
    );
    return target.subarray(100, 900);
  };

  it("takes up what broke off where it broke off", async () => {
    const { asked, client } = clientOf(
      (start) => ({ bytes: chunks(content.subarray(start, start + 70), transient()) }),
      () => transient(),
      (start) => ({ bytes: chunks(content.subarray(start, start + 130)) }),
      () => ({}),
    );
    expect(await fetch(client)).toEqual(content.subarray(100, 900));
    expect(asked).toEqual(["e 100-900", "e 170-900", "e 170-900", "e 300-900"]);
  });

  it.each<[string, (start: number, end: number) => Partial<ObjectBody>, string, string]>([
    ["another ETag", () => ({ etag: "f" }), "changed", "another ETag"],
    [
      "another range",
      (start, end) => ({ range: { start: 0, end: end - start } }),
      "final",
      "answered with bytes 0-799",
    ],
    ["too much", (start) => ({ bytes: chunks(content.subarray(start)) }), "transient", "too long"],
    ["nothing", () => ({ bytes: chunks(new Uint8Array()) }), "transient", "800 bytes too early, after 4 attempts"],
  ])("refuses %s", async (_, answer, kind, message) => {
    const failure = await failureOf(fetch(clientOf(answer).client));
    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain(message);
  });

  it("takes nothing any more once it was aborted", async () => {
    const controller = new AbortController();
    let taken = 0;
    const { client } = clientOf(() => ({
      bytes: (async function* () {
        yield content.subarray(100, 110);
        controller.abort(new Error("enough"));
        yield content.subarray(110, 900);
      })(),
    }));
    const run = fetchRange(
      client,
      { bucket: "b", key: "k" },
      "e",
      { start: 100, end: 900 },
      policy,
      controller.signal,
      (bytes) => {
        taken += bytes.length;
      },
    );
    await expect(run).rejects.toThrow("enough");
    expect(taken).toBe(10);
  });
});
