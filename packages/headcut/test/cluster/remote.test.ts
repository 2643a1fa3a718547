import { mkdirSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "@headcut/tpch";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selectEveryType } from "../api/every-type.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

const tables = join(import.meta.dirname, "../../../../.data/tpch-sf0.01-shards6");
/** Runs on the nodes' shards, for a second or more. */
const HEAVY =
  "SELECT count(*) AS n FROM lineitem a, supplier b WHERE (a.l_partkey * b.s_suppkey + a.l_linenumber) % 7919 = 5";
const ENDLESS = "SELECT count(*)::INTEGER FROM range(100000) a(x), range(100000) b(y) WHERE x + y = -1";
const LONG = "SELECT a.x, b.y, 'a text that makes rows longer ' || a.x AS s FROM range(4000) a(x), range(1000) b(y)";

let cluster: TestCluster;
beforeAll(async () => {
  await generate({ scaleFactor: 0.01, directory: tables, minShards: 6 });
  cluster = await startTestCluster({ tables });
});
afterAll(() => cluster.stop());

const errorOf = async (promise: Promise<unknown>): Promise<QueryError> => {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(QueryError);
  return error as QueryError;
};

/** A port nobody listens on, and one that says nothing. */
const deadPort = async (): Promise<string> => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
};

describe("connect", () => {
  it("asks the next address when one does not answer", async () => {
    await using db = await connect(`grpc://${await deadPort()},${cluster.nodes[1]!.address}`);
    expect((await db.query("SELECT 1 AS a")).toArray()).toEqual([{ a: 1 }]);
  });

  it("says why, when none does", async () => {
    const address = await deadPort();
    const error = await errorOf(connect(`grpc://${address}`));
    expect(error).toMatchObject({ code: "io", message: expect.stringContaining(address) });
  });

  it("gives up on what accepts and says nothing", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    expect((await errorOf(connect(`grpc://127.0.0.1:${port}`))).code).toBe("io");
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it("knows the cluster's tables", async () => {
    await using db = await connect(cluster.url);
    expect(db.tables()).toEqual(["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]);
    expect(db.freeBytes()).toBeGreaterThan(1e6);
  });

  it.each<[string, Record<string, unknown>]>([
    ["threads", { threads: 2 }],
    ["memoryLimitBytes", { memoryLimitBytes: 1e9 }],
    ["timeoutMs", { timeoutMs: -1 }],
  ])("refuses %s that make no sense here", async (name, options) => {
    const error = await errorOf(connect(cluster.url, options));
    expect(error).toMatchObject({ code: "invalid-argument", message: expect.stringContaining(name) });
  });
});

describe("names", () => {
  let db: Connection;
  let path: string;
  beforeAll(async () => {
    db = await connect(cluster.url);
    // In the data directory of the node that is asked, where no table lies.
    const folder = join(cluster.nodes[0]!.data, ".files");
    mkdirSync(folder);
    await db.query(`COPY nation TO '${folder}/states.parquet'`);
    path = join(folder, "*.parquet");
  });
  afterAll(() => db.close());

  it("of a session hide those of the cluster, which stay", async () => {
    expect((await errorOf(db.query("CREATE TABLE nation AS SELECT 1 AS a"))).code).toBe("already-exists");
    await db.query("CREATE TABLE IF NOT EXISTS region AS SELECT 1 AS a");
    expect((await db.query("SELECT count(*) FROM region")).toRows()).toEqual([[5n]]);
    await db.query("CREATE OR REPLACE TABLE nation AS SELECT 1 AS a");
    expect((await db.query("SELECT * FROM Nation")).toRows()).toEqual([[1]]);
    expect((await db.query("SHOW TABLES")).rowCount).toBe(8);
    await using other = await connect(cluster.url);
    expect((await other.query("SELECT count(*) FROM nation")).toRows()).toEqual([[25n]]);
    await db.query("DROP TABLE nation");
    expect((await db.query("SELECT count(*) FROM nation")).toRows()).toEqual([[25n]]);
  });

  it.each([
    ["INSERT INTO nation SELECT * FROM nation", "nation is a table of the cluster"],
    ["SELECT * FROM '/etc/x.parquet'", "/etc/x.parquet is not in a directory"],
    ["SELECT * FROM read_parquet('../*.parquet')", "not in a directory"],
  ])("%s is not supported", async (sql, message) => {
    expect(await errorOf(db.query(sql))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
  });

  it("for files of a node's data directory are sent with each statement", async () => {
    await db.register("states", path);
    expect(db.tables()).toContain("states");
    expect((await db.query("SELECT count(*) FROM states JOIN region ON n_regionkey = r_regionkey")).toRows()).toEqual([
      [25n],
    ]);
    expect((await errorOf(db.query("INSERT INTO states SELECT * FROM nation"))).message).toContain("Parquet files");
    expect((await errorOf(db.register("secrets", "/etc/*"))).code).toBe("unsupported");
    expect(db.unregister("STATES")).toBe(true);
    expect((await errorOf(db.query("SELECT * FROM states"))).code).toBe("unknown-table");
    expect(db.unregister("nation")).toBe(false);
  });

  it("that DROP TABLE or CREATE OR REPLACE takes from files", async () => {
    await db.register("f", path);
    await db.query("CREATE OR REPLACE TABLE f AS SELECT 2 AS a");
    expect((await db.query("SELECT a FROM f")).toRows()).toEqual([[2]]);
    await db.register("f", path);
    expect((await db.query("SELECT count(*) FROM f")).toRows()).toEqual([[25n]]);
    await db.query("DROP TABLE f");
    expect((await errorOf(db.query("SELECT * FROM f"))).code).toBe("unknown-table");
  });
});

describe("what the cluster did", () => {
  it("is told with the result", async () => {
    await using db = await connect(cluster.url);
    const { cluster: report } = await db.query("SELECT l_returnflag, count(*) FROM lineitem GROUP BY 1");
    expect(report).toMatchObject({ splits: 6, splitsByOwners: 6, retries: 0 });
    expect(report!.nodes).toHaveLength(3);
    expect(report!.bytesBetweenNodes).toBeGreaterThan(0);
    expect(report!.bytesBetweenNodes).toBeLessThan(10_000);
    expect((await db.query("DESCRIBE nation")).cluster).toBeUndefined();
  });

  it("is in EXPLAIN and EXPLAIN ANALYZE", async () => {
    await using db = await connect(cluster.url);
    const sql = "SELECT l_returnflag, count(*) FROM lineitem GROUP BY 1";
    const plan = await db.explain(sql);
    expect(plan).toMatch(/fragment 1 · where the splits are · gather → fragment 0/);
    for (const { nodeId } of cluster.nodes) expect(plan).toContain(nodeId);
    const analyzed = await db.explain(sql, { analyze: true });
    expect(analyzed).toMatch(
      /│ +scan lineitem .*\n│ +· rows: 60175 \(estimated 60175\)\n│ +· read [\d.]+ (B|KiB) of \d+ row groups/,
    );
    expect(analyzed).toMatch(/├ node-.*: 1 task, 2 splits, \d+ rows/);
    expect(analyzed).toMatch(/cluster: coordinated by node-.*between nodes/);
    expect(analyzed).toMatch(/splits read by owners: 6 of 6/);
    const json = JSON.parse(await db.explain(sql, { analyze: true, format: "json" }));
    expect(json.cluster.fragments).toHaveLength(2);
  });
});

it("memory of a session is given back when its connection is closed", async () => {
  const free = async (): Promise<number> => {
    await using db = await connect(cluster.url);
    return db.freeBytes();
  };
  const before = await free();
  const db = await connect(cluster.url);
  await db.query("CREATE TABLE big AS SELECT x, y FROM range(1000) a(x), range(1000) b(y)");
  expect(await free()).toBeLessThan(before - 8_000_000);
  await db.close();
  expect(await free()).toBeGreaterThan(before - 1_000_000);
});

it("every type is equal to the embedded engine's, value by value", async () => {
  await using remote = await connect(cluster.url);
  await using embedded = await connect({ threads: 1 });
  const sql = `SELECT * FROM (${selectEveryType()}) ORDER BY ordinal`;
  const [there, here] = [await remote.query(sql), await embedded.query(sql)];
  expect(there.columns).toEqual(here.columns);
  expect(there.toRows()).toEqual(here.toRows());
  expect(there.toText()).toEqual(here.toText());
  const fields = (result: typeof here): unknown =>
    result.toArrow().schema.fields.map((field) => [field.name, String(field.type), field.nullable]);
  expect(fields(there)).toEqual(fields(here));
});

it("64 queries at a time, on all nodes' shards", async () => {
  await using db = await connect(cluster.url);
  const answers = await Promise.all(
    Array.from({ length: 64 }, async (_, i) => {
      const result = await db.query("SELECT count(*) FROM lineitem WHERE l_linenumber = $1", [(i % 7) + 1]);
      return Number(result.toRows()[0]![0]);
    }),
  );
  const counts = answers.slice(0, 7);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60_175);
  expect(answers).toEqual(answers.map((_, i) => counts[i % 7]));
});

describe("a node is lost", () => {
  let mortal: TestCluster;
  let db: Connection;
  const open = async (nodes = 3): Promise<void> => {
    mortal = await startTestCluster({ tables, nodes });
    db = await connect(mortal.url);
  };
  const close = async (): Promise<void> => {
    await db.close();
    await mortal.stop();
  };
  const expected = async (): Promise<unknown> => {
    await using other = await connect(cluster.url);
    return (await other.query(HEAVY)).toRows();
  };

  it.each(["SIGKILL", "SIGSTOP", "SIGTERM"] as const)("by %s in the middle of a query", async (signal) => {
    await open();
    try {
      const answer = db.query(HEAVY);
      await sleep(400);
      mortal.nodes[0]!.signal(signal);
      expect((await answer).toRows()).toEqual(await expected());
      expect((await db.query("SELECT count(*) FROM lineitem")).toRows()).toEqual([[60_175n]]);
    } finally {
      await close();
    }
  });

  it("and the client goes on with those that the node has named", async () => {
    await open();
    try {
      await using one = await connect(`grpc://${mortal.nodes[0]!.address}`);
      await one.query("SELECT count(*) FROM nation");
      mortal.nodes[0]!.signal("SIGKILL");
      expect((await one.query("SELECT count(*) FROM nation")).toRows()).toEqual([[25n]]);
    } finally {
      await close();
    }
  });

  it("while a stream is read: rows that were handed out cannot be taken back", async () => {
    await open(1);
    try {
      const rows = db.stream(LONG);
      await rows.next();
      mortal.nodes[0]!.signal("SIGKILL");
      const error = await errorOf(
        (async () => {
          for await (const _ of rows);
        })(),
      );
      expect(error).toMatchObject({ code: "io", message: expect.stringContaining(mortal.nodes[0]!.address) });
      // Nobody is left.
      expect((await errorOf(db.query("SELECT 1"))).code).toBe("io");
    } finally {
      await close();
    }
  });

  it("and with it the tables of the session, which is said of each; the rest goes on", async () => {
    await open();
    try {
      await db.query("CREATE TABLE mine AS SELECT 1 AS a; CREATE TABLE other AS SELECT 2 AS a");
      mortal.nodes[0]!.signal("SIGKILL");
      expect((await db.query("SELECT count(*) FROM nation")).toRows()).toEqual([[25n]]);
      for (const sql of ["SELECT * FROM mine", "INSERT INTO mine VALUES (2)", "EXPLAIN SELECT * FROM nation, MINE"]) {
        expect(await errorOf(db.query(sql))).toMatchObject({
          code: "closed",
          message: expect.stringContaining("table mine of this session was lost"),
        });
      }
      expect(db.tables()).not.toContain("mine");
      await db.query("CREATE TABLE mine AS SELECT 3 AS a");
      expect((await db.query("SELECT * FROM mine")).toRows()).toEqual([[3]]);
      await db.query("DROP TABLE other");
      expect((await errorOf(db.query("SELECT * FROM other"))).code).not.toBe("closed");
    } finally {
      await close();
    }
  });

  it("while a statement changes the session: nobody knows whether it did", async () => {
    await open();
    try {
      await db.query("CREATE TABLE mine AS SELECT 1 AS a");
      const insert = errorOf(db.query(`INSERT INTO mine ${ENDLESS}`));
      await sleep(300);
      mortal.nodes[0]!.signal("SIGKILL");
      expect(await insert).toMatchObject({ code: "io", message: expect.stringContaining("may have taken effect") });
    } finally {
      await close();
    }
  });
});
