import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "@headcut/tpch";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

const tables = join(import.meta.dirname, "../../../../.data/tpch-sf0.01-shards6");
const ROWS = 60_175;
/** Some 80 MB: of each task's rows more than are kept for whoever asks again. */
const COPIES = 8;
const LARGE = `SELECT l.*, x FROM lineitem l, range(${COPIES}) r(x)`;

let cluster: TestCluster;
let db: Connection;
beforeAll(async () => {
  await generate({ scaleFactor: 0.01, directory: tables, minShards: 6 });
  cluster = await startTestCluster({ tables });
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  db = await connect(cluster.url);
});
afterEach(() => db.close());

/** A figure of `/metrics`, of all nodes together. */
const metric = async (name: string): Promise<number> => {
  let sum = 0;
  for (const { http } of cluster.nodes) {
    const text = await (await fetch(`http://${http}/metrics`)).text();
    sum += Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)![1]);
  }
  return sum;
};

const failureOf = async (rows: AsyncIterable<unknown>): Promise<{ readonly read: number; readonly error: unknown }> => {
  let read = 0;
  try {
    for await (const _ of rows) read++;
  } catch (error) {
    return { read, error };
  }
  throw new Error("it ended well");
};

it("a result that is read while it is made is whole", async () => {
  let rows = 0;
  let sum = 0n;
  for await (const batch of db.stream(LARGE)) {
    rows += batch.numRows;
    for (const x of batch.getChild("x")!.toArray() as BigInt64Array) sum += x;
  }
  expect(rows).toBe(ROWS * COPIES);
  expect(sum).toBe(BigInt((ROWS * COPIES * (COPIES - 1)) / 2));
});

it("an error that comes late is the query's own", async () => {
  const late = `SELECT l.*, CASE WHEN x = ${COPIES - 1} THEN 9223372036854775800 + l_orderkey ELSE x END AS y FROM lineitem l, range(${COPIES}) r(x)`;
  const { error } = await failureOf(db.stream(late));
  expect(error).toBeInstanceOf(QueryError);
  expect((error as QueryError).code).toBe("overflow");
});

it("what nobody reads to its end leaves nothing behind", async () => {
  for await (const _ of db.stream(LARGE)) break;
  for (const deadline = Date.now() + 5000; (await metric("headcut_tasks_running")) > 0; await sleep(20)) {
    expect(Date.now()).toBeLessThan(deadline);
  }
  expect(await metric("headcut_output_bytes")).toBe(0);
});
