import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, type ConnectOptions, connect, QueryError } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDifference } from "../compare-rows.ts";
import { type Oracle, openOracle, type TextResult } from "../oracle.ts";
import { firstRows, groups, joins, sorts, TABLES } from "./spilling-cases.ts";

const spillDirectory = mkdtempSync(join(tmpdir(), "headcut-spilling-"));
afterAll(() => rmSync(spillDirectory, { recursive: true, force: true }));

/** Files of all engines that put rows on disk there. */
const filesLeft = (): string[] =>
  readdirSync(spillDirectory, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );

let oracle: Oracle;
beforeAll(async () => {
  oracle = await openOracle();
  for (const table of TABLES) await oracle.run(table);
}, 60_000);
afterAll(() => oracle.close());

const expectations = new Map<string, Promise<TextResult>>();
const expectedOf = (sql: string): Promise<TextResult> => {
  let expected = expectations.get(sql);
  if (expected === undefined) {
    expected = oracle.query(sql);
    expectations.set(sql, expected);
  }
  return expected;
};

/** What EXPLAIN ANALYZE says in numbers. */
const metricsOf = async (db: Connection, sql: string, memoryLimitBytes?: number) => {
  const options = memoryLimitBytes === undefined ? {} : { memoryLimitBytes };
  const result = await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, [], options);
  const { metrics } = JSON.parse(result.toText()[0]!.join("")) as {
    metrics: { peakBytes: number; spills: { bytes: number }[] };
  };
  return { peakBytes: metrics.peakBytes, spilledBytes: metrics.spills.reduce((sum, { bytes }) => sum + bytes, 0) };
};

/** Each thread's buffer of the result, and what tasks of the smallest queries take. */
const FLOOR_BYTES = 1536 << 10;

/** For the tests of a `describe`: an engine that has the tables, once they run. */
const openedWithTables = (threads: number): (() => Connection) => {
  let db: Connection;
  beforeAll(async () => {
    db = await connect({ threads, spillDirectory });
    for (const table of TABLES) await db.query(table);
  }, 60_000);
  afterAll(() => db.close());
  return () => db;
};

describe.each([1, 2])("with a tenth of the memory and less, on %i threads", (threads) => {
  const opened = openedWithTables(threads);

  it.each([...sorts, ...firstRows, ...groups, ...joins])(
    "$sql",
    async ({ sql, ordered = false, floorBytes = FLOOR_BYTES }) => {
      const db = opened();
      const expected = await expectedOf(sql);
      const free = db.freeBytes();
      const { peakBytes } = await metricsOf(db, sql);
      let answered = 0;
      for (const share of [10, 50]) {
        const memoryLimitBytes = Math.max(Math.floor(peakBytes / share), floorBytes / (share > 10 ? 4 : 1));
        const rows = await db.query(sql, [], { memoryLimitBytes }).then(
          (result) => result.toText(),
          (error: unknown) => {
            if (share <= 10 || !(error instanceof QueryError)) throw error;
            expect(error.code).toBe("out-of-memory");
            expect(error.message).toMatch(/needs? more memory than the query may use/);
            return undefined;
          },
        );
        if (rows !== undefined) {
          answered++;
          expect(firstDifference(expected.types, expected.rows, rows, ordered)).toBeUndefined();
        }
        expect(db.freeBytes()).toBe(free);
        expect(filesLeft()).toEqual([]);
      }
      expect(answered).toBeGreaterThanOrEqual(1);
    },
  );
});

/** With a little less memory than they would like, some operators are on disk and others are not. */
describe.each([1, 2])("with any part of the memory, on %i threads", (threads) => {
  const opened = openedWithTables(threads);

  it.each([
    "SELECT k % 5003 AS g, string_agg(s, '|' ORDER BY s) AS t FROM a GROUP BY g ORDER BY t DESC NULLS LAST, g",
    "SELECT wide, max(s) AS m, count(*) FROM a LEFT JOIN b ON k = k2 GROUP BY wide ORDER BY m NULLS FIRST, wide",
    "SELECT DISTINCT upper(wide), s2 FROM a JOIN b ON s = s2 ORDER BY 1, 2 LIMIT 20000 OFFSET 10",
    "SELECT t, count(*) FROM (SELECT few, string_agg(s, ',' ORDER BY id) AS t FROM a GROUP BY few, k % 40) q JOIN b ON few = few2 AND id2 < 700 GROUP BY t ORDER BY 1 NULLS LAST",
    "WITH c AS (SELECT k, min(wide) AS w, median(id) AS m FROM a GROUP BY k) SELECT x.w || y.w AS t, x.m FROM c x JOIN c y ON x.k = y.k + 1 ORDER BY t, x.m",
  ])(
    "%s",
    async (sql) => {
      const db = opened();
      const expected = await expectedOf(sql);
      const { peakBytes } = await metricsOf(db, sql);
      for (let share = 95; share > 0; share -= 10) {
        const memoryLimitBytes = Math.max(Math.floor((peakBytes * share) / 100), FLOOR_BYTES);
        const rows = (await db.query(sql, [], { memoryLimitBytes })).toText();
        expect(firstDifference(expected.types, expected.rows, rows, true), `${share} %`).toBeUndefined();
      }
    },
    60_000,
  );
});

/** So little memory that runs are merged to longer ones before there are few enough. */
describe.each([1, 2, 4])("hundreds of runs, on %i threads", (threads) => {
  const table = `CREATE TABLE r AS SELECT i AS id, (i * 7919) % 200003 AS k, repeat('long ', CAST(i % 40 AS INTEGER)) || CAST(i AS VARCHAR) AS wide
    FROM generate_series(1, 200000) g(i)`;
  let db: Connection;
  beforeAll(async () => {
    db = await connect({ threads, spillDirectory });
    await db.query(table);
    if (threads === 1) await oracle.run(table);
  }, 60_000);
  afterAll(() => db.close());

  it.each(["SELECT id, wide FROM r ORDER BY k", "SELECT id, wide FROM r ORDER BY wide DESC LIMIT 150000 OFFSET 1000"])(
    "%s",
    async (sql) => {
      const expected = await expectedOf(sql);
      const written: number[] = [];
      for (const memoryLimitBytes of [1.25e6, 20e6]) {
        const { rows, types } = {
          rows: (await db.query(sql, [], { memoryLimitBytes })).toText(),
          types: expected.types,
        };
        expect(firstDifference(types, expected.rows, rows, true)).toBeUndefined();
        written.push((await metricsOf(db, sql, memoryLimitBytes)).spilledBytes);
        expect(filesLeft()).toEqual([]);
      }
      // Rows were written again.
      expect(written[0]).toBeGreaterThan(written[1]! * 1.2);
    },
    60_000,
  );
});

describe.each([1, 3])("aggregates that keep all values, on %i threads", (threads) => {
  const table = `CREATE TABLE v AS SELECT i AS id, (i * 7919) % 300007 AS k, CASE WHEN i % 5 = 0 THEN NULL ELSE CAST((i * 31) % 90001 AS DECIMAL(9, 2)) END AS d,
    CASE WHEN i % 100 = 0 THEN i ELSE 3 END AS skew, 'text ' || CAST(i % 977 AS VARCHAR) AS s FROM generate_series(1, 300000) g(i)`;
  let db: Connection;
  beforeAll(async () => {
    db = await connect({ threads, spillDirectory });
    await db.query(table);
    if (threads === 1) await oracle.run(table);
  }, 60_000);
  afterAll(() => db.close());

  it.each([
    "SELECT median(k), median(d), count(*), sum(d), min(s), stddev_samp(k) IS NULL FROM v",
    // All groups but one are small.
    "SELECT skew, median(k), median(d), count(d), max(s) FROM v GROUP BY skew",
    "SELECT id % 3 AS g, median(d) FILTER (WHERE k > 1000), count(*) FROM v GROUP BY g",
    "SELECT length(string_agg(s, ', ' ORDER BY s, id)), median(id) FROM v WHERE id % 4 = 0",
  ])(
    "%s",
    async (sql) => {
      const expected = await expectedOf(sql);
      const { peakBytes } = await metricsOf(db, sql);
      const memoryLimitBytes = Math.max(Math.floor(peakBytes / 10), sql.includes("string_agg") ? 12 << 20 : 2 << 20);
      expect(memoryLimitBytes).toBeLessThan(peakBytes);
      const free = db.freeBytes();
      const rows = (await db.query(sql, [], { memoryLimitBytes })).toText();
      expect(firstDifference(expected.types, expected.rows, rows, false)).toBeUndefined();
      expect(db.freeBytes()).toBe(free);
      expect((await metricsOf(db, sql, memoryLimitBytes)).spilledBytes).toBeGreaterThan(1 << 20);
      const text = (await db.query(`EXPLAIN ANALYZE ${sql}`, [], { memoryLimitBytes })).toText().flat().join("\n");
      expect(text).toMatch(/aggregate[^\n]*\n[^│]*?on disk [\d.]+ MiB/);
      expect(text).toContain(`rows: ${rows.length} `);
    },
    60_000,
  );
});

describe.each([1, 2])("rows that are read while they are made, on %i threads", (threads) => {
  // So many conditions that next to no rows are expected: nobody puts the groups on disk before they find no room.
  const all = Array.from({ length: 12 }, (_, i) => `length(wide) + ${i} <> id + 9000000`).join(" AND ");
  // More than is held back.
  const many = "SELECT a.id, a.wide AS w FROM a, (VALUES (1), (2), (3), (4), (5), (6), (7), (8)) v(x)";

  it.each([
    `${many} UNION ALL SELECT count(*), w FROM (SELECT upper(wide) AS w FROM a WHERE ${all}) GROUP BY w`,
    `SELECT q.id, w FROM (${many} UNION ALL (SELECT k, w FROM (SELECT k, upper(wide) AS w FROM a WHERE ${all}) ORDER BY w)
      UNION ALL SELECT x.id, y.s FROM (SELECT * FROM a WHERE ${all}) x JOIN a y ON x.k = y.id) q JOIN (SELECT id2 FROM b WHERE id2 < 11990) ON id2 = q.id`,
  ])("come after all that may have to go to disk: %s", async (sql) => {
    await using db = await connect({ threads, spillDirectory });
    for (const table of TABLES) await db.query(table);
    const expected = await expectedOf(sql);
    let batches = 0;
    for await (const batch of db.stream(sql, [], { memoryLimitBytes: 3 << 20 })) if (batch.numRows > 0) batches++;
    expect(batches).toBeGreaterThan(1);
    const rows = (await db.query(sql, [], { memoryLimitBytes: 3 << 20 })).toText();
    expect(firstDifference(expected.types, expected.rows, rows, false)).toBeUndefined();
    expect(filesLeft()).toEqual([]);
  });

  it("come at once behind a limit that wants no more of them", async () => {
    await using db = await connect({ threads, spillDirectory });
    for (const table of TABLES) await db.query(table);
    const sql = "SELECT id FROM a UNION ALL SELECT count(*) FROM a x JOIN a y ON x.same = y.same LIMIT 5";
    expect((await db.query(sql, [], { timeoutMs: 10_000 })).toText()).toHaveLength(5);
  });
});

/** Of a link, if it is still there. */
const targetOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

/** A byte of every KiB of the file. */
const scribble = (path: string): void => {
  const descriptor = openSync(path, "r+");
  const { size } = fstatSync(descriptor);
  for (let at = 512; at < size; at += 1024) writeSync(descriptor, Uint8Array.of(at / 1024), 0, 1, at);
  closeSync(descriptor);
};

describe("what queries leave on disk", () => {
  const sql = "SELECT wide, count(*) AS n, max(s) FROM a GROUP BY wide ORDER BY wide";
  const open = async (options: ConnectOptions = {}): Promise<Connection> => {
    const db = await connect({ threads: 2, spillDirectory, ...options });
    await db.query(TABLES[0]);
    return db;
  };
  const memoryLimitBytes = 2 << 20;

  it("is reported by EXPLAIN ANALYZE", async () => {
    await using db = await open();
    const { spilledBytes } = await metricsOf(db, sql, memoryLimitBytes);
    expect(spilledBytes).toBeGreaterThan(1 << 20);
    const text = (await db.query(`EXPLAIN ANALYZE ${sql}`, [], { memoryLimitBytes })).toText().flat().join("\n");
    expect(text).toMatch(/out of memory [1-9]\d* times, then [\d.]+ MiB on disk/);
    expect(text).toMatch(/aggregate by [^\n]*\n[^│]*?on disk [\d.]+ MiB/);
    expect(await metricsOf(db, sql)).toMatchObject({ spilledBytes: 0 });
  });

  it("is nothing when they are cancelled, time out, fail, or are left early", async () => {
    await using db = await open();
    const free = db.freeBytes();
    const aborted = new AbortController();
    setTimeout(() => aborted.abort(), 30);
    await expect(db.query(sql, [], { memoryLimitBytes, signal: aborted.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    await expect(db.query(sql, [], { memoryLimitBytes, timeoutMs: 30 })).rejects.toMatchObject({ code: "timeout" });
    const failing = `SELECT wide, sum(CAST(CASE WHEN id = 23999 THEN 'x' ELSE '1' END AS INTEGER)) FROM a GROUP BY wide`;
    await expect(db.query(failing, [], { memoryLimitBytes })).rejects.toMatchObject({ code: "conversion" });
    for await (const _ of db.stream(sql, [], { memoryLimitBytes })) break;
    expect(filesLeft()).toEqual([]);
    expect(db.freeBytes()).toBe(free);
  });

  it("is bounded by spillLimitBytes, of all queries together", async () => {
    await using db = await open({ spillLimitBytes: 1 << 20 });
    const free = db.freeBytes();
    for (let i = 0; i < 3; i++) {
      await expect(db.query(sql, [], { memoryLimitBytes })).rejects.toMatchObject({
        code: "out-of-memory",
        message: "aggregate needs more room on disk than spillLimitBytes leaves",
      });
    }
    expect(db.freeBytes()).toBe(free);
    expect((await db.query(sql)).toText()).toHaveLength(24_000);
    await expect(connect({ spillLimitBytes: -1 })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("says where rows could not be kept", async () => {
    const file = join(spillDirectory, "no-directory");
    writeFileSync(file, "");
    await using db = await open({ spillDirectory: file });
    await expect(db.query(sql, [], { memoryLimitBytes })).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("cannot keep rows in"),
    });
    rmSync(file);
  });

  describe.runIf(process.platform === "linux")("when the disk is not to be trusted", () => {
    const files = () =>
      readdirSync("/proc/self/fd")
        .map((name) => `/proc/self/fd/${name}`)
        .filter((path) => targetOf(path)?.startsWith(spillDirectory));
    const everything = "SELECT a.id, a.wide, x.wide AS w FROM a, a x WHERE x.id <= 20 ORDER BY a.wide, x.id";
    const groupsAndJoins =
      "SELECT a.wide, count(*) FROM a JOIN a b ON a.k = b.id JOIN a c ON b.id = c.k GROUP BY a.wide";
    const harms: [string, string, (path: string) => void, RegExp][] = [
      [
        "has lost what was written to it",
        everything,
        truncateSync,
        /: (it is shorter than it was|\d+ bytes at \d+ are not what was written there)/,
      ],
      ["has other bytes in it", everything, scribble, /: \d+ bytes at \d+ are not what was written there/],
      [
        "has other bytes in it, of partitions",
        groupsAndJoins,
        scribble,
        /: \d+ bytes at \d+ are not what was written there/,
      ],
    ];

    it.each(harms)("is gone after a file %s, which the error names", async (_, harmed, harm, message) => {
      await using db = await open();
      const free = db.freeBytes();
      // Again and again: files that are not there yet, or have no rows yet, come to no harm.
      const harming = setInterval(() => files().forEach(harm), 2);
      const read = async (): Promise<void> => {
        for await (const _ of db.stream(harmed, [], { memoryLimitBytes })) files().forEach(harm);
      };
      await expect(read().finally(() => clearInterval(harming))).rejects.toMatchObject({
        code: "io",
        message: expect.stringMatching(new RegExp(`cannot read rows in ${spillDirectory}/.*${message.source}`)),
      });
      expect(db.freeBytes()).toBe(free);
      expect(filesLeft()).toEqual([]);
      expect(files()).toEqual([]);
      expect((await db.query(sql, [], { memoryLimitBytes })).toText()).toHaveLength(24_000);
    });
  });

  it("has a folder for each process, which goes with it, and is removed by the next one if it was killed", async () => {
    const script = `
      import { connect } from ${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)};
      const db = await connect({ threads: 2, spillDirectory: ${JSON.stringify(spillDirectory)} });
      await db.query(${JSON.stringify(TABLES[0])});
      const rows = db.stream(${JSON.stringify(sql)}, [], { memoryLimitBytes: ${memoryLimitBytes} });
      for await (const _ of rows) { console.log("spilling"); await new Promise(() => setTimeout(() => 0, 60_000)); }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const folders = () => readdirSync(spillDirectory).filter((name) => name.startsWith(`${child.pid}-`));
    expect(folders()).toHaveLength(1);
    // As where an open file keeps its name.
    writeFileSync(join(spillDirectory, folders()[0]!, "0"), "rows");
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    expect(filesLeft()).toEqual(["0"]);
    await (await open()).close();
    expect(folders()).toEqual([]);
    expect(filesLeft()).toEqual([]);
    const db = await open();
    await db.query(sql, [], { memoryLimitBytes });
    expect(readdirSync(spillDirectory).filter((name) => name.startsWith(`${process.pid}-`)).length).toBeGreaterThan(0);
    await db.close();
    expect(readdirSync(spillDirectory)).toEqual([]);
  });
});
