import { linkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type Connection, QueryError } from "headcut";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, freeBytes, isCluster, scratchFolder } from "../target.ts";

/** Billions of pairs: it runs until it is stopped. */
const ENDLESS = "SELECT count(*) FROM range(100000) a(x), range(100000) b(y) WHERE x + y = -1";
/** Rows enough that the reader has to be waited for. */
const LONG =
  "SELECT a.x, b.y, 'some text to make the rows longer ' || a.x AS s FROM range(4000) a(x), range(1000) b(y)";

let db: Connection;
let free: number;
beforeEach(async () => {
  db = await connect({ threads: 2 });
  await db.query("CREATE TABLE numbers AS SELECT x, x % 1000 AS m, 'text ' || x AS s FROM range(200000) t(x)");
  free = freeBytes(db);
});
afterEach(() => db.close());

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (cause: unknown) => {
      if (cause instanceof QueryError) return cause.code;
      throw cause;
    },
  );

const drain = async (rows: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of rows);
};

/** What was stopped has given everything back, and the connection answers. */
const expectFreeAndWell = async (): Promise<void> => {
  expect(freeBytes(db)).toBe(free);
  expect((await db.query("SELECT count(*) FROM numbers")).toRows()).toEqual([[200_000n]]);
  expect(freeBytes(db)).toBe(free);
};

describe("AbortSignal", () => {
  it("aborted before: nothing is run", async () => {
    const reason = new Error("no longer wanted");
    const signal = AbortSignal.abort(reason);
    const error = await db
      .query("CREATE TABLE never AS SELECT 1 AS a", [], { signal })
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "cancelled", cause: reason });
    expect(db.tables()).toEqual(["numbers"]);
    expect(await codeOf(db.stream("SELECT 1", [], { signal }).next())).toBe("cancelled");
  });

  it.each<[string, string]>([
    ["a query", ENDLESS],
    ["CREATE TABLE AS", `CREATE TABLE made AS ${ENDLESS}`],
    ["INSERT", `INSERT INTO numbers ${ENDLESS.replace("count(*)", "count(*), 1, ''")}`],
    ["COPY", `COPY (${ENDLESS}) TO '/tmp/headcut-never.csv'`],
    ["EXPLAIN ANALYZE", `EXPLAIN ANALYZE ${ENDLESS}`],
  ])("during %s", async (_, sql) => {
    const abort = new AbortController();
    const code = codeOf(db.query(sql, [], { signal: abort.signal }));
    setTimeout(() => abort.abort(), 100);
    expect(await code).toBe("cancelled");
    expect(db.tables()).toEqual(["numbers"]);
    await expectFreeAndWell();
  });

  it("between the batches of a stream", async () => {
    const abort = new AbortController();
    const rows = db.stream(LONG, [], { signal: abort.signal });
    await rows.next();
    abort.abort();
    expect(await codeOf(drain(rows))).toBe("cancelled");
    await expectFreeAndWell();
  });

  it("after the end: nothing", async () => {
    const abort = new AbortController();
    const result = await db.query("SELECT 1 AS a", [], { signal: abort.signal });
    abort.abort();
    expect(result.toArray()).toEqual([{ a: 1 }]);
  });
});

describe("time limits", () => {
  it("of a call", async () => {
    const error = await db.query(ENDLESS, [], { timeoutMs: 100 }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "timeout", message: expect.stringContaining("100 ms") });
    await expectFreeAndWell();
  });

  it("of a connection, unless the call says otherwise", async () => {
    await using other = await connect({ threads: 2, timeoutMs: 100 });
    expect(await codeOf(other.query(ENDLESS))).toBe("timeout");
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 400);
    expect(await codeOf(other.query(ENDLESS, [], { timeoutMs: Number.POSITIVE_INFINITY, signal: abort.signal }))).toBe(
      "cancelled",
    );
  });

  it("begin with the call: what is done before the query runs counts", async () => {
    const directory = scratchFolder("headcut-limits-");
    try {
      await db.query(`COPY (SELECT 1 AS a) TO '${directory}/0.parquet'`);
      for (let i = 1; i < 2000; i++) linkSync(`${directory}/0.parquet`, `${directory}/${i}.parquet`);
      const sql = `SELECT sum(a) FROM '${directory}/*.parquet'`;
      expect(await codeOf(db.query(`EXPLAIN ${sql}`, [], { timeoutMs: 2 }))).toBe("timeout");
      expect(await codeOf(db.query(sql, [], { timeoutMs: 2 }))).toBe("timeout");
      // The event loop turns meanwhile, or nobody could abort.
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 1);
      expect(await codeOf(db.query(`EXPLAIN ${sql}`, [], { signal: abort.signal }))).toBe("cancelled");
      expect((await db.query(sql)).toRows()).toEqual([[2000n]]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("of no time at all are up at once", async () => {
    expect(await codeOf(db.query("SELECT 1", [], { timeoutMs: 0 }))).toBe("timeout");
    expect(await codeOf(db.query("CREATE TABLE never AS SELECT 1 AS a", [], { timeoutMs: 0 }))).toBe("timeout");
    expect(db.tables()).toEqual(["numbers"]);
  });

  it("longer than timers can be are none", async () => {
    expect((await db.query("SELECT sum(x) FROM numbers", [], { timeoutMs: 2 ** 40 })).toRows()).toEqual([
      [19999900000n],
    ]);
  });

  it("hold for a reader who does not come back", async () => {
    const rows = db.stream(LONG, [], { timeoutMs: 500 });
    await rows.next();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await codeOf(drain(rows))).toBe("timeout");
    await expectFreeAndWell();
  });
});

describe("memory limits", () => {
  it.each<[string, string, RegExp]>([
    ["groups", "SELECT s, count(*) FROM numbers GROUP BY s", /aggregate/i],
    ["a join", "SELECT count(*) FROM numbers a JOIN numbers b ON a.s = b.s", /join/i],
    ["a sort", "SELECT * FROM numbers ORDER BY s", /sort/i],
  ])("of a call, reached by %s, name the operator", async (_, sql, name) => {
    const error = await db.query(sql, [], { memoryLimitBytes: 200_000 }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "out-of-memory", message: expect.stringMatching(name) });
    expect((error as QueryError).hint).toBeDefined();
    await expectFreeAndWell();
    expect(await codeOf(db.query(sql))).toBeUndefined();
  });

  it.skipIf(isCluster)("of an engine hold for its tables too", async () => {
    await using small = await connect({ threads: 1, memoryLimitBytes: 32 << 20 });
    const before = freeBytes(small);
    const sql = "CREATE TABLE big AS SELECT x AS a, x AS b, x AS c, x AS d, x AS e, x AS f FROM range(1000000) t(x)";
    expect(await codeOf(small.query(sql))).toBe("out-of-memory");
    expect(small.tables()).toEqual([]);
    expect(freeBytes(small)).toBe(before);
    expect((await small.query("SELECT 1 AS a")).toArray()).toEqual([{ a: 1 }]);
  });
});

describe("what nobody reads any more is stopped", () => {
  it("a loop that is left", async () => {
    for await (const batch of db.stream(LONG)) {
      expect(batch.numRows).toBeGreaterThan(0);
      break;
    }
    await expectFreeAndWell();
  });

  it("a loop that throws", async () => {
    const reading = (async () => {
      for await (const _ of db.stream(LONG)) throw new Error("mine");
    })();
    await expect(reading).rejects.toThrow("mine");
    await expectFreeAndWell();
  });

  it("a result of run() that is passed over", async () => {
    for await (const { columns } of db.run(`${LONG}; SELECT 1 AS one`)) expect(columns.length).toBeGreaterThan(0);
    await expectFreeAndWell();
  });

  it("a generator that never started", async () => {
    await db.stream(LONG).return(undefined);
    await expectFreeAndWell();
  });

  it("a stream whose query fails half way", async () => {
    const rows = db.stream("SELECT CAST(CASE WHEN x < 190000 THEN '1' ELSE 'x' END AS INTEGER) AS a, s FROM numbers");
    expect(await codeOf(drain(rows))).toBe("conversion");
    expect(await rows.next()).toEqual({ done: true, value: undefined });
    await expectFreeAndWell();
  });
});

describe("close", () => {
  it("cancels what runs, and may be called again", async () => {
    const rows = db.stream(LONG);
    await rows.next();
    const codes = [codeOf(db.query(ENDLESS)), codeOf(db.query(`CREATE TABLE made AS ${ENDLESS}`))];
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([db.close(), db.close()]);
    await db.close();
    expect(await Promise.all(codes)).toEqual(["cancelled", "cancelled"]);
    expect(await codeOf(drain(rows))).toBe("cancelled");
  });

  it("before a statement has begun refuses it", async () => {
    const code = codeOf(db.query("SELECT * FROM numbers"));
    await db.close();
    expect(["cancelled", "closed"]).toContain(await code);
  });

  it("is final", async () => {
    const prepared = await db.prepare("SELECT 1");
    await db.close();
    for (const ask of [
      () => db.query("SELECT 1"),
      () => db.stream("SELECT 1").next(),
      () => db.run("SELECT 1").next(),
      () => db.prepare("SELECT 1"),
      () => db.explain("SELECT 1"),
      () => db.register("t", "x.parquet"),
      () => prepared.query(),
    ]) {
      expect(await codeOf(ask())).toBe("closed");
    }
  });

  it("comes by itself at the end of `await using`", async () => {
    let inner: Connection;
    {
      await using scoped = await connect({ threads: 1 });
      inner = scoped;
      await scoped.query("SELECT 1");
    }
    expect(await codeOf(inner.query("SELECT 1"))).toBe("closed");
  });
});

describe("progress", () => {
  it("grows to 1, statement by statement", async () => {
    const seen: number[] = [];
    await db.query("SELECT count(*) FROM numbers a JOIN numbers b ON a.m = b.m", [], {
      onProgress: (fraction) => seen.push(fraction),
    });
    expect(seen.at(-1)).toBe(1);
    expect(seen.filter((fraction) => fraction === 1)).toHaveLength(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
    const ends: number[] = [];
    await db.query("SELECT 1; CREATE TABLE u (a INTEGER); SELECT 2", [], { onProgress: (x) => ends.push(x) });
    expect(ends).toEqual([1, 1, 1]);
  });

  it("never says 1 of a query that fails", async () => {
    const seen: number[] = [];
    await codeOf(db.query(ENDLESS, [], { timeoutMs: 300, onProgress: (fraction) => seen.push(fraction) }));
    expect(seen).not.toContain(1);
  });
});

describe("several queries at a time", () => {
  it("a small one does not wait for big ones to end, however many", async () => {
    const abort = new AbortController();
    const big = Array.from({ length: 3 }, () => codeOf(db.query(ENDLESS, [], { signal: abort.signal })));
    for (let i = 0; i < 5; i++) {
      expect((await db.query("SELECT count(*) FROM numbers WHERE m = 7")).toRows()).toEqual([[200n]]);
    }
    abort.abort();
    expect(await Promise.all(big)).toEqual(["cancelled", "cancelled", "cancelled"]);
    await expectFreeAndWell();
  });

  it("streams that nobody reads on do not wait for each other", async () => {
    const streams = Array.from({ length: 4 }, () => db.stream(LONG));
    for (const stream of streams) expect((await stream.next()).value?.numRows).toBeGreaterThan(0);
    expect((await db.query("SELECT count(*) FROM numbers")).toRows()).toEqual([[200_000n]]);
    let rows = 0;
    for await (const batch of streams[3]!) rows += batch.numRows;
    expect(rows).toBeGreaterThan(3_900_000);
    await Promise.all(streams.map((stream) => stream.return(undefined)));
    await expectFreeAndWell();
  });

  it("64 of them, each with its own answer, some failing, some stopped", async () => {
    const asked = Array.from({ length: 64 }, async (_, i) => {
      if (i % 8 === 3) return codeOf(db.query("SELECT CAST(s AS INTEGER) FROM numbers"));
      if (i % 8 === 5) return codeOf(db.query(ENDLESS, [], { timeoutMs: 50 }));
      const result = await db.query("SELECT count(*), sum(x) FROM numbers WHERE m = $1", [i], { int64: "number" });
      return result.toRows()[0];
    });
    const answers = await Promise.all(asked);
    answers.forEach((answer, i) => {
      if (i % 8 === 3) expect(answer).toBe("conversion");
      else if (i % 8 === 5) expect(answer).toBe("timeout");
      else expect(answer).toEqual([200, 200 * i + (1000 * 199 * 200) / 2]);
    });
    await expectFreeAndWell();
  });

  it("tables made and dropped meanwhile do not disturb readers", async () => {
    const rows = db.stream("SELECT x, s FROM numbers");
    const first = await rows.next();
    let count = first.value?.numRows ?? 0;
    await db.query("DROP TABLE numbers");
    await db.query("CREATE TABLE numbers AS SELECT 1 AS x");
    for await (const batch of rows) count += batch.numRows;
    expect(count).toBe(200_000);
    expect((await db.query("SELECT * FROM numbers")).toRows()).toEqual([[1]]);
  });

  it("of two that make one table, one is refused", async () => {
    const make = (value: number): Promise<string | undefined> =>
      codeOf(db.query(`CREATE TABLE one AS SELECT ${value} AS v FROM range(100000) t(x)`));
    const codes = await Promise.all([make(1), make(2)]);
    expect(codes.sort()).toEqual(["already-exists", undefined]);
    expect((await db.query("SELECT count(*) FROM one")).toRows()).toEqual([[100_000n]]);
  });

  it("on two connections do not see each other", async () => {
    await using other = await connect({ threads: 1 });
    expect(other.tables()).toEqual([]);
    expect(await codeOf(other.query("SELECT * FROM numbers"))).toBe("unknown-table");
  });
});
