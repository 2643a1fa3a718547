import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Asked, type Fault, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { ACCESS_KEY, BUCKET, type Gateway, PUBLIC_BUCKET, SECRET_KEY, settingsOf, startGateway } from "./gateway.ts";
import { scratchFolder, textOf, writeTable } from "./tables.ts";

const ROWS = 60_000;
const FILES = 3;
const PATH = `s3://${BUCKET}/t/*.parquet`;
/** Every row's every value has a part in it. */
const SQL = `SELECT count(*) AS n, sum(id) AS ids, sum(length(text)) AS lengths, min(text) AS least, max(text) AS most, sum(part) AS parts FROM '${PATH}'`;
const PASS: Fault = { kind: "pass" };

const scratch = scratchFolder();
const file = (i: number): string => join(scratch.path, `${i}.parquet`);
const other = join(scratch.path, "other.parquet");
let gateway: Gateway;
let proxy: FaultProxy;
let expected: unknown[];

const putAll = async (): Promise<void> => {
  for (let i = 0; i < FILES; i++) await gateway.put(`t/${i}.parquet`, readFileSync(file(i)));
};
const open = (threads: number, settings: object = {}): Promise<Connection> =>
  connect({ threads, s3: { ...settingsOf(gateway, proxy.port), retries: 4, timeoutMs: 400, ...settings } });
/** Not the listing and the sizes, but the bytes. */
const isData = ({ method, headers }: Asked): boolean => method === "GET" && headers.range !== undefined;
const asError = async (run: Promise<unknown>): Promise<QueryError> => {
  const error: unknown = await run.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof QueryError)) throw error;
  return error;
};
/** Connections end with the connection that had them, a moment later. */
const expectNoSockets = async (): Promise<void> => {
  for (let i = 0; i < 100 && proxy.connections > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(proxy.connections).toBe(0);
};

beforeAll(async () => {
  gateway = await startGateway();
  proxy = await startFaultProxy(gateway.port);
  for (let i = 0; i < FILES; i++) await writeTable(file(i), ROWS / FILES, (i * ROWS) / FILES);
  await writeTable(other, ROWS / FILES, 1_000_000);
  await putAll();
  await using db = await connect({ threads: 1 });
  expected = (await db.query(SQL.replace(PATH, join(scratch.path, "[0-9].parquet")))).toRows() as unknown[];
  const ids = Array.from({ length: ROWS }, (_, i) => i);
  const lengths = ids.reduce((sum, id) => sum + textOf(id).length, 0);
  expect((expected as unknown[][])[0]!.slice(0, 3).map(Number)).toEqual([ROWS, (ROWS * (ROWS - 1)) / 2, lengths]);
});
afterAll(async () => {
  await proxy?.close();
  await gateway?.close();
  scratch.remove();
});
beforeEach(() => {
  proxy.fault = () => PASS;
});

describe.each([1, 2])("with %i threads", (threads) => {
  it.each<[string, Fault]>([
    ["is reset", { kind: "reset" }],
    ["is answered with SlowDown", { kind: "status", status: 503, code: "SlowDown" }],
    ["is answered with an error of the server", { kind: "status", status: 500, code: "InternalError" }],
    ["is answered with too many requests", { kind: "status", status: 429, code: "TooManyRequests" }],
    ["breaks off in the body", { kind: "truncate", bytes: 70_000 }],
    ["breaks off at once", { kind: "truncate", bytes: 1 }],
    ["ends too early", { kind: "shorten", bytes: 20_000 }],
    ["is never answered", { kind: "silence" }],
    ["comes slowly, drop by drop", { kind: "trickle", bytes: 100, everyMs: 50 }],
    ["comes late, but in time", { kind: "delay", ms: 150 }],
  ])("each first request that %s is made again", async (_, fault) => {
    const seen = new Set<string>();
    proxy.fault = ({ method, path, headers }) => {
      // What is left of a range after a failure ends where the range does.
      const key = `${method} ${path} ${headers.range?.split("-")[1]}`;
      if (seen.has(key) || method === "HEAD") return PASS;
      seen.add(key);
      return fault;
    };
    const db = await open(threads);
    expect((await db.query(SQL)).toRows()).toEqual(expected);
    await db.close();
    await expectNoSockets();
  });

  it.each<[string, Fault, RegExp]>([
    ["reset", { kind: "reset" }, /ECONNRESET|socket hang up/],
    ["SlowDown", { kind: "status", status: 503, code: "SlowDown" }, /SlowDown.*503.*5 attempts/],
    ["silence", { kind: "silence" }, /0.2 s, after 5 attempts/],
    ["a trickle", { kind: "trickle", bytes: 10, everyMs: 100 }, /too slow.*after 5 attempts/],
    ["truncation", { kind: "truncate", bytes: 1000 }, /after 5 attempts/],
  ])("%s without end is an error that names bucket, key and bytes, soon", async (_, fault, reason) => {
    proxy.fault = (asked) => (isData(asked) ? fault : PASS);
    const db = await open(threads, { timeoutMs: 200 });
    const start = performance.now();
    const error = await asError(db.query(SQL));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(error.code).toBe("io");
    expect(error.message).toMatch(reason);
    expect(error.message).toMatch(new RegExp(`bytes \\d+-\\d+ of s3://${BUCKET}/t/\\d.parquet`));
    expect(error.message + error.stack).not.toContain(SECRET_KEY);
    expect(error.message + error.stack).not.toContain(ACCESS_KEY);
    proxy.fault = () => PASS;
    expect((await db.query(SQL)).toRows()).toEqual(expected);
    await db.close();
    await expectNoSockets();
  });

  it("an object that is replaced while it is read is an error, never a mixture", async () => {
    for (let nth = 0; nth < 8; nth++) {
      await putAll();
      let gets = 0;
      let replaced = false;
      proxy.fault = (asked) => {
        if (!isData(asked) || gets++ !== nth) return PASS;
        return {
          kind: "first",
          run: async () => {
            await gateway.put("t/1.parquet", readFileSync(other));
            replaced = true;
          },
        };
      };
      const db = await open(threads);
      const outcome = await db.query(SQL).then(
        (result) => result.toRows(),
        (error: unknown) => error,
      );
      await db.close();
      if (outcome instanceof QueryError) {
        expect(replaced).toBe(true);
        expect(outcome.code).toBe("io");
        expect(outcome.message).toBe(`s3://${BUCKET}/t/1.parquet has changed since the query was planned`);
      } else {
        // All of the object had been read before.
        expect(outcome).toEqual(expected);
      }
    }
    await putAll();
    await expectNoSockets();
  });

  it("an object that is deleted while it is read is an error", async () => {
    let gets = 0;
    proxy.fault = (asked) =>
      isData(asked) && gets++ === 3 ? { kind: "first", run: () => gateway.remove("t/2.parquet") } : PASS;
    const db = await open(threads);
    const outcome = await db.query(SQL).then(
      (result) => result.toRows(),
      (error: unknown) => error,
    );
    if (outcome instanceof QueryError) expect(outcome.message).toMatch(/t\/2.parquet.*no such object/);
    else expect(outcome).toEqual(expected);
    await putAll();
    expect((await db.query(SQL)).toRows()).toEqual(expected);
    await db.close();
  });

  it("cancelling ends requests at once, wherever the query is", async () => {
    for (const stuck of [
      (asked: Asked) => !isData(asked),
      isData,
      (asked: Asked) => isData(asked) && asked.index > 6,
    ]) {
      proxy.fault = (asked) => (stuck(asked) ? { kind: "silence" } : PASS);
      const db = await open(threads, { timeoutMs: 60_000 });
      const controller = new AbortController();
      const query = asError(db.query(SQL, [], { signal: controller.signal }));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const start = performance.now();
      controller.abort();
      expect((await query).code).toBe("cancelled");
      expect(performance.now() - start).toBeLessThan(200);
      const late = performance.now();
      expect((await asError(db.query(SQL, [], { timeoutMs: 150 }))).code).toBe("timeout");
      expect(performance.now() - late).toBeLessThan(600);
      await db.close();
      await expectNoSockets();
    }
  });

  it("closing the connection ends what waits", async () => {
    proxy.fault = (asked) => (isData(asked) ? { kind: "silence" } : PASS);
    const db = await open(threads, { timeoutMs: 60_000 });
    const query = asError(db.query(SQL));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const start = performance.now();
    await db.close();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(["cancelled", "closed"]).toContain((await query).code);
    await expectNoSockets();
  });

  it("any faults by chance give the right answer or an error, and leave nothing behind", async () => {
    let failures = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const random = generator(seed);
      proxy.fault = () => (random() < 0.3 ? faultOf(random) : PASS);
      const db = await open(threads);
      const outcome = await db.query(SQL).then(
        (result) => result.toRows(),
        (error: unknown) => error,
      );
      if (outcome instanceof QueryError) {
        expect(outcome.code, outcome.message).toBe("io");
        failures++;
      } else expect(outcome, `seed ${seed}`).toEqual(expected);
      await db.close();
    }
    // Four repetitions get nearly everything through.
    expect(failures).toBeLessThanOrEqual(1);
    await expectNoSockets();
  });
});

it("many queries over a bad line keep no connection more than the first ones", async () => {
  const db = await open(2);
  const random = generator(7);
  proxy.fault = () => (random() < 0.1 ? faultOf(random) : PASS);
  let most = 0;
  for (let i = 0; i < 40; i++) {
    await db.query(SQL).catch((error: unknown) => expect((error as QueryError).code).toBe("io"));
    most = Math.max(most, proxy.connections);
  }
  // The bound on requests at a time.
  expect(most).toBeLessThanOrEqual(32);
  await db.close();
  await expectNoSockets();
});

it("a store that does not know ranges is refused", async () => {
  await gateway.put("a.parquet", readFileSync(file(0)), PUBLIC_BUCKET);
  proxy.fault = () => ({ kind: "noRange" });
  const settings = { endpoint: `127.0.0.1:${proxy.port}`, useSsl: false };
  const saved = { ...process.env };
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: "true", HOME: scratch.path });
  try {
    await using db = await connect({ threads: 1, s3: settings });
    const error = await asError(db.query(`SELECT * FROM 's3://${PUBLIC_BUCKET}/a.parquet'`));
    expect(error.code).toBe("io");
    expect(error.message).toContain("the store answered with bytes 0-");
  } finally {
    process.env = saved;
  }
});

/** Numbers from 0 to 1 that are the same for the same seed. */
const generator = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
};

const faultOf = (random: () => number): Fault => {
  const faults: readonly Fault[] = [
    { kind: "reset" },
    { kind: "truncate", bytes: Math.floor(random() * 200_000) },
    { kind: "shorten", bytes: Math.floor(random() * 200_000) },
    { kind: "status", status: 503, code: "SlowDown" },
    { kind: "status", status: 500, code: "InternalError" },
    { kind: "delay", ms: random() * 100 },
    { kind: "silence" },
    { kind: "trickle", bytes: 1000, everyMs: 20 },
  ];
  return faults[Math.floor(random() * faults.length)]!;
};
