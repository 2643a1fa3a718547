import {
  type ClusterNodeHandle,
  type FlightData,
  type FlightService,
  openServer,
  type RpcServer,
} from "@headcut/coordinator";
import { openEngine } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../connect.ts";
import type { Connection } from "../connection.ts";
import { flightService } from "../flight/flight-service.ts";

/** What goes wrong with the messages of a statement; undefined: nothing. */
type Fault = ((messages: AsyncIterable<FlightData>) => AsyncIterable<FlightData>) | undefined;

const engine = openEngine({ threads: 1 });
afterAll(() => engine.close());

interface FakeNode {
  readonly address: string;
  /** For the next statements, one each. */
  readonly faults: Fault[];
  statements: number;
  close(): Promise<void>;
}

/** A node of one: its engine alone, behind the real transport. */
const fakeNode = async (nodeId: string): Promise<FakeNode> => {
  const faults: Fault[] = [];
  let server: RpcServer | undefined;
  const handle = {
    nodeId,
    get address() {
      return server!.address;
    },
    engine,
    shards: { directory: "/nowhere" },
    members: () => [{ nodeId, address: server!.address, status: "alive" }],
    catalog: { tableNames: async () => [], resolve: async () => undefined },
    execute: engine.execute,
    closed: new Promise<void>(() => undefined),
  } as unknown as ClusterNodeHandle;
  const service = flightService(handle, {});
  const node: FakeNode = { address: "", faults, statements: 0, close: () => server!.close(0) };
  const flight: FlightService = {
    ...service,
    doGet: (ticket, context) => {
      node.statements++;
      const fault = faults.shift();
      const messages = service.doGet(ticket, context);
      return fault === undefined ? messages : fault(messages);
    },
  };
  server = await openServer({ listen: "127.0.0.1:0", security: {}, calls: {}, streams: {}, flight });
  return Object.assign(node, { address: server.address });
};

/** The error comes after so many messages. */
const failsAfter = (count: number, error: Error): Fault =>
  async function* (messages) {
    let sent = 0;
    for await (const message of messages) {
      if (sent++ === count) throw error;
      yield message;
    }
  };
const lostAfter = (count: number): Fault => failsAfter(count, new QueryError("io", "the cable was cut"));
const lostAtOnce = lostAfter(0);
/** Without having begun. */
const refused: Fault = () => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      throw new QueryError("closed", "the node is about to stop");
    },
  }),
});
const bug = failsAfter(0, new TypeError("undefined is no function"));
const silent: Fault = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });

const LONG = "SELECT a.x, b.y FROM range(1000) a(x), range(200) b(y)";

let nodes: FakeNode[];
let db: Connection;
beforeEach(async () => {
  nodes = [await fakeNode("a"), await fakeNode("b")];
  db = await connect(`grpc://${nodes.map(({ address }) => address).join(",")}`);
});
afterEach(async () => {
  await db.close();
  for (const node of nodes) await node.close();
});

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
const statements = (): number[] => nodes.map((node) => node.statements);

describe("a query whose node is lost is run by another", () => {
  it.each<[string, Fault]>([
    ["before it answers", lostAtOnce],
    ["after the schema", lostAfter(1)],
    ["after some rows", lostAfter(3)],
    ["because it does not want to", refused],
  ])("%s", async (_, fault) => {
    nodes[0]!.faults.push(fault);
    const result = await db.query(LONG);
    expect(result.rowCount).toBe(200_000);
    expect(statements()).toEqual([1, 1]);
    // And the next one goes there at once.
    await db.query("SELECT 1");
    expect(statements()).toEqual([1, 2]);
  });

  it("until all have had some tries; then the reason is told", async () => {
    for (const node of nodes) node.faults.push(...Array.from({ length: 50 }, () => lostAtOnce));
    expect(await failure(db.query("SELECT 1"))).toMatchObject({ code: "io", message: "the cable was cut" });
    const [a, b] = statements();
    expect(a! + b!).toBeGreaterThan(3);
    expect(a! + b!).toBeLessThan(12);
  });

  it("but a stream only before its first batch", async () => {
    nodes[0]!.faults.push(lostAfter(1));
    let rows = 0;
    for await (const batch of db.stream(LONG)) rows += batch.numRows;
    expect(rows).toBe(200_000);
    nodes[1]!.faults.push(lostAfter(3));
    const stream = db.stream(LONG);
    await stream.next();
    const error = await failure(
      (async () => {
        for await (const _ of stream);
      })(),
    );
    expect(error).toMatchObject({ code: "io", message: "the cable was cut" });
  });
});

describe("what the statement itself fails with is told at once", () => {
  it.each([
    ["SELECT nope", "unknown-column"],
    ["SELECT CAST(CAST(x AS VARCHAR) || 'y' AS INTEGER) FROM range(10) t(x)", "conversion"],
    ["SELECT * FROM nowhere", "unknown-table"],
    ["SELECT * FROM '/etc/x'", "unsupported"],
  ])("%s", async (sql, code) => {
    expect(await failure(db.query(sql))).toMatchObject({ code });
    expect(statements()).toEqual([1, 0]);
  });

  it("and a bug is no QueryError", async () => {
    nodes[0]!.faults.push(bug);
    const error = await failure(db.query("SELECT 1"));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(QueryError);
    expect(statements()).toEqual([1, 0]);
  });
});

describe("statements that change the session", () => {
  it("are sent once; their node may have run them", async () => {
    await db.query("CREATE TABLE t (a INTEGER)");
    nodes[0]!.faults.push(lostAfter(0));
    expect(await failure(db.query("INSERT INTO t VALUES (1)"))).toMatchObject({
      code: "io",
      message: expect.stringMatching(/may have taken effect, or not/),
    });
    expect(statements()).toEqual([2, 0]);
    // It had, and the session is still there.
    expect((await db.query("SELECT * FROM t")).toRows()).toEqual([[1]]);
  });

  it("make the session elsewhere when its node is about to stop, and nothing is said to be lost that is not used", async () => {
    await db.query("CREATE TABLE t (a INTEGER)");
    nodes[0]!.faults.push(refused);
    await db.query("CREATE TABLE u AS SELECT 2 AS b");
    expect(statements()).toEqual([2, 1]);
    expect(db.tables()).toEqual(["u"]);
    expect((await db.query("SELECT * FROM u")).toRows()).toEqual([[2]]);
    expect(await failure(db.query("SELECT * FROM t"))).toMatchObject({
      code: "closed",
      message: expect.stringContaining("table t of this session was lost"),
    });
  });

  it("reads of the session's tables wait a little for their node", async () => {
    await db.query("CREATE TABLE t AS SELECT 1 AS a");
    nodes[0]!.faults.push(lostAtOnce, lostAfter(1));
    expect((await db.query("SELECT * FROM t")).toRows()).toEqual([[1]]);
    expect(statements()[1]).toBe(0);
  });

  it("that are forgotten are dropped before the next statement", async () => {
    const free = engine.freeBytes();
    await db.query("CREATE TABLE t AS SELECT a.x FROM range(1000) a(x), range(100) b(y)");
    expect(db.unregister("T")).toBe(true);
    expect(db.unregister("t")).toBe(false);
    expect((await db.query("SHOW TABLES")).rowCount).toBe(0);
    expect(engine.freeBytes()).toBe(free);
  });
});

it("limits hold on this side too, when the node says nothing any more", async () => {
  nodes[0]!.faults.push(silent, silent);
  expect(await failure(db.query("SELECT 1", [], { timeoutMs: 200 }))).toMatchObject({ code: "timeout" });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 100);
  expect(await failure(db.query("SELECT 1", [], { signal: abort.signal }))).toMatchObject({ code: "cancelled" });
  expect(statements()).toEqual([2, 0]);
});

it("closing frees the session on its node", async () => {
  const free = engine.freeBytes();
  const other = await connect(`grpc://${nodes[0]!.address}`);
  await other.query("CREATE TABLE t AS SELECT a.x FROM range(1000) a(x), range(100) b(y)");
  expect(engine.freeBytes()).toBeLessThan(free);
  await other.close();
  expect(engine.freeBytes()).toBe(free);
});
