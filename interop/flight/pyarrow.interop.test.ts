import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "@headcut/tpch";
import { tableFromIPC } from "apache-arrow";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority } from "../../packages/coordinator/test/rpc/certificates.ts";
import { selectEveryType } from "../../packages/headcut/test/api/every-type.ts";
import { startTestCluster, type TestCluster } from "../../packages/headcut/test/cluster/test-cluster.ts";
import { codeBlocks, promises } from "../../packages/headcut/test/docs/code-blocks.ts";

const TOKEN = "a token with blanks & more";
const tables = join(import.meta.dirname, "../../.data/tpch-sf0.01-shards6");
const ENDLESS = "SELECT count(*) FROM range(100000) a(x), range(100000) b(y) WHERE x + y = -1";
const LONG_THEN_WRONG =
  "SELECT CAST(CASE WHEN x < 3900 THEN '1' ELSE 'x' END AS INTEGER) AS a, 'a text ' || y AS s FROM range(4000) a(x), range(1000) b(y)";

let cluster: TestCluster;
let db: Connection;
beforeAll(async () => {
  await generate({ scaleFactor: 0.01, directory: tables, minShards: 6 });
  cluster = await startTestCluster({ nodes: 2, tables, env: { HEADCUT_TOKEN: TOKEN }, security: { token: TOKEN } });
  db = await connect({ threads: 1 });
});
afterAll(async () => {
  await db?.close();
  await cluster?.stop();
});

/** Runs a function of client.py, and reads what it prints. */
// biome-ignore lint/suspicious/noExplicitAny: every case prints something else
const python = async (name: string, more: object = {}): Promise<any> => {
  const url = `grpc://${cluster.nodes[0]!.address}`;
  const child = spawn(process.env.HEADCUT_PYARROW!, [join(import.meta.dirname, "client.py"), name], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.end(JSON.stringify({ url, token: TOKEN, ...more }));
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`client.py ${name} ended with ${status}:\n${errors}`);
  return JSON.parse(output);
};

/** What pyarrow has read, as text, by way of an engine of ours. */
const textOf = async (ipc: string, order: string): Promise<unknown> => {
  await db.register("read", tableFromIPC(Buffer.from(ipc, "base64")));
  return (await db.query(`SELECT * FROM read ORDER BY ${order}`)).toText();
};

describe("who may come in", () => {
  it("a user with the token as password", async () => {
    expect(await python("basic")).toEqual({ header: "authorization", value: `Bearer ${TOKEN}`, tables: 8 });
  });

  it("the same by the older handshake", async () => {
    expect(await python("older")).toEqual({ tables: 8 });
  });

  it("nobody else", async () => {
    const refused = await python("refused");
    for (const way of ["anonymous", "bearer", "basic", "older"]) {
      expect(refused[way].kind, way).toBe("FlightUnauthenticatedError");
    }
  });
});

describe("reading", () => {
  it("lists the tables, with schemas, numbers of rows, and tickets", async () => {
    const flights = await python("tables");
    expect(Object.keys(flights).sort()).toEqual(
      ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"].sort(),
    );
    expect(flights.nation).toEqual({ schema: ["int32", "string", "int32", "string"], records: 25, rows: 25 });
    expect(flights.lineitem).toMatchObject({ records: 60_175, rows: 60_175 });
  });

  it("every type, value by value", async () => {
    const sql = selectEveryType();
    const read = await python("query", { sql });
    expect(read).toMatchObject({ equal: [true, true], rows: 3, total: -1, locations: [] });
    const expected = await db.query(`SELECT * FROM (${sql}) ORDER BY ordinal`);
    expect(await textOf(read.ipc, "ordinal")).toEqual(expected.toText());
  });

  it("no rows still have a schema", async () => {
    const read = await python("query", { sql: "SELECT l_orderkey, l_comment FROM lineitem WHERE l_orderkey < 0" });
    expect(read).toMatchObject({ equal: [true, true], rows: 0, types: ["int64", "string"] });
  });

  it.each(["EXPLAIN SELECT 1", "SHOW TABLES", "DESCRIBE nation"])("%s", async (sql) => {
    const read = await python("query", { sql });
    expect(read).toMatchObject({ equal: [true, true] });
    expect(read.rows).toBeGreaterThan(0);
  });

  it("many rows, in messages that everyone takes", async () => {
    const read = await python("query", { sql: "SELECT * FROM lineitem ORDER BY l_orderkey, l_linenumber" });
    expect(read.rows).toBe(60_175);
  });

  it("a table by its path", async () => {
    expect(await python("by_path", { table: "orders" })).toEqual({ rows: 15_000 });
  });

  it("a ticket of one node from another, unless somebody changed it", async () => {
    const found = await python("elsewhere", {
      other: `grpc://${cluster.nodes[1]!.address}`,
      sql: "SELECT * FROM region",
    });
    expect(found).toMatchObject({
      rows: 5,
      forged: { message: expect.stringContaining("was not made by a node of this cluster") },
      text: { message: expect.stringContaining("was not made by a node of this cluster") },
    });
  });
});

describe("writing", () => {
  it("makes a table, and appends to it", async () => {
    const sql = "SELECT * FROM prices";
    const { counts, ipc } = await python("put", { table: "prices", starts: [0, 1000], sql });
    expect(counts).toEqual([{ rows: 1000 }, { rows: 1000 }]);
    const rows = (await textOf(ipc, "id")) as string[][];
    expect(rows).toHaveLength(2000);
    expect(rows[0]).toEqual(["0", null, "0.25", "1970-01-01"]);
    expect(rows[1999]).toEqual(["1999", "name 1", "1999.25", "1975-06-23"]);
    expect(await python("by_path", { table: "prices" })).toEqual({ rows: 2000 });
    expect(await python("query", { sql: "DROP TABLE prices" })).toMatchObject({ rows: 0 });
    const { [sql]: gone } = await python("errors", { sql: [sql] });
    expect(gone.message).toMatch(/there is no table prices/);
  });

  it("says what cannot be put", async () => {
    const wrong = await python("put_wrong", { table: "nation" });
    expect(wrong.columns.message).toMatch(/nation/);
    expect(wrong.command.kind).not.toBeNull();
    expect(wrong.nothing.kind).not.toBeNull();
    expect(await python("by_path", { table: "nation" })).toEqual({ rows: 25 });
  });
});

describe("errors are sentences", () => {
  it("of a statement", async () => {
    const sql = [
      "SELEC 1",
      "SELECT nope FROM nation",
      "SELECT * FROM nowhere",
      "SELECT CAST('x' AS INTEGER)",
      "CREATE TABLE t AS SELECT 1 AS a",
      "COPY nation TO '/tmp/x.csv'",
      "SELECT * FROM '/etc/passwd'",
      "SELECT 1; SELECT 2",
      "",
    ];
    const found = await python("errors", { sql });
    const expected: Readonly<Record<string, RegExp>> = {
      "SELEC 1": /SELEC/,
      "SELECT nope FROM nation": /there is no column nope/,
      "SELECT * FROM nowhere": /there is no table nowhere/,
      "SELECT CAST('x' AS INTEGER)": /x/,
      "CREATE TABLE t AS SELECT 1 AS a": /need a session/,
      "COPY nation TO '/tmp/x.csv'": /session|COPY/,
      "SELECT * FROM '/etc/passwd'": /not in a directory/,
      "SELECT 1; SELECT 2": /one statement/,
      "": /no statement/,
    };
    for (const text of sql) {
      expect(found[text].kind, text).not.toBeNull();
      expect(found[text].message, text).toMatch(expected[text]!);
    }
  });

  it("half way through the rows", async () => {
    const found = await python("half_way", { sql: LONG_THEN_WRONG });
    expect(found.batches).toBeGreaterThan(0);
    expect(found.message).toMatch(/cannot be|could not|convert|'x'|"x"/);
  });

  it("of actions that are not there", async () => {
    const { types, unknown } = await python("actions");
    expect(types).toContain("CancelFlightInfo");
    expect(unknown.message).toContain("there is no action Nonsense");
  });
});

it("a query is cancelled by its stream, and by its FlightInfo", async () => {
  const { byStream, seconds, byInfo, result } = await python("cancel", { sql: ENDLESS });
  expect(byStream.kind).toBe("FlightCancelledError");
  expect(seconds).toBeLessThan(20);
  expect(byInfo.message).toContain("the query was cancelled");
  expect(result).toHaveLength(1);
});

it("the page about Flight shows what happens", async () => {
  const [block] = codeBlocks("flight.md", "python");
  const env = { ...process.env, HEADCUT_URL: `grpc://${cluster.nodes[0]!.address}`, HEADCUT_TOKEN: TOKEN };
  const { status, stdout, stderr } = spawnSync(process.env.HEADCUT_PYARROW!, ["-c", block!.code], { env });
  expect(status, String(stderr)).toBe(0);
  expect(String(stdout).trim().split("\n")).toEqual(promises(block!.code));
});

it("over TLS, both sides showing certificates; our own client too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headcut-tls-"));
  try {
    const authority = await createAuthority();
    const { cert, key } = await authority.sign("node.test");
    const files = { ca: join(folder, "ca.pem"), cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    writeFileSync(files.ca, authority.cert);
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
    const secure = await startTestCluster({
      nodes: 2,
      args: ["--tls-cert", files.cert, "--tls-key", files.key, "--tls-ca", files.ca],
      env: { HEADCUT_TOKEN: TOKEN },
    });
    try {
      const address = secure.nodes[0]!.address;
      const sql = "SELECT 1 AS a";
      const read = await python("query", { url: `grpc+tls://${address}`, ...files, sql });
      expect(read).toMatchObject({ rows: 1, equal: [true, true] });
      await expect(python("query", { url: `grpc+tls://${address}`, ca: files.ca, sql })).rejects.toThrow();
      await expect(python("query", { url: `grpc://${address}`, sql })).rejects.toThrow();
      const tls = { ca: authority.cert, cert, key };
      await using ours = await connect(`grpc+tls://${address}`, { token: TOKEN, tls });
      expect((await ours.query(sql)).toArray()).toEqual([{ a: 1 }]);
      await expect(connect(`grpc+tls://${address}`, { token: "wrong", tls })).rejects.toMatchObject({
        code: "invalid-argument",
      });
      await expect(connect(`grpc+tls://${address}`, { token: TOKEN })).rejects.toMatchObject({ code: "io" });
    } finally {
      await secure.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
