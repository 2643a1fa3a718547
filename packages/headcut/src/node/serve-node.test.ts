import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../connect.ts";
import type { Connection } from "../connection.ts";
import { appendBatches } from "./append-batches.ts";
import { type ServedNode, serveNode } from "./serve-node.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-served-"));
const log: string[] = [];
let nodes: ServedNode[];
let db: Connection;

beforeAll(async () => {
  const options = (name: string) => ({ listen: "127.0.0.1:0", cluster: "c", data: join(folder, name), threads: 1 });
  const first = await serveNode(options("a"), (event) => log.push(event));
  const second = await serveNode({ ...options("b"), join: first.node.address }, (event) => log.push(event));
  nodes = [first, second];
  while (nodes.some(({ node }) => node.members().length < 2)) await new Promise((resolve) => setTimeout(resolve, 20));
  db = await connect(`grpc://${first.node.address}`);
});
afterAll(async () => {
  await db.close();
  for (const { stop } of nodes) await stop(1000);
  rmSync(folder, { recursive: true, force: true });
});

const append = (
  table: string,
  values: Record<string, Int32Array | (string | null)[]>,
  node = nodes[1]!.node,
): Promise<number> => {
  const { schema, batches } = tableFromArrays(values);
  async function* all() {
    yield* batches;
  }
  return appendBatches(node, table, schema, all());
};

const rows = async (sql: string): Promise<unknown[][]> => (await db.query(sql)).toRows({ int64: "number" });

describe("rows appended through a node", () => {
  it("make a table, then are added to it, a shard each time, on both nodes", async () => {
    expect(await append("t", { id: Int32Array.of(1, 2), word: ["one", null] })).toBe(2);
    expect(await rows("SELECT id, word FROM t ORDER BY id")).toEqual([
      [1, "one"],
      [2, null],
    ]);
    expect(await append("t", { id: Int32Array.of(3), word: ["three"] }, nodes[0]!.node)).toBe(1);
    expect(await rows("SELECT count(*), sum(id), max(word) FROM t")).toEqual([[3, 6, "three"]]);
    for (const name of ["a", "b"]) expect(readdirSync(join(folder, name, "t"))).toHaveLength(2);
  });

  it("that are none add nothing; a column may be left out", async () => {
    expect(await append("u", { id: Int32Array.of(1), word: ["one"] })).toBe(1);
    expect(await append("u", { id: new Int32Array(0) })).toBe(0);
    expect(await append("u", { id: Int32Array.of(2) })).toBe(1);
    expect(await rows("SELECT id, word FROM u ORDER BY id")).toEqual([
      [1, "one"],
      [2, null],
    ]);
  });

  it("of other types or columns are refused, and leave nothing", async () => {
    await append("v", { id: Int32Array.of(1) });
    await expect(append("v", { id: ["x"] })).rejects.toMatchObject({ code: "type-mismatch" });
    await expect(append("v", { key: Int32Array.of(1) })).rejects.toMatchObject({ code: "type-mismatch" });
    await expect(append("../v", { id: Int32Array.of(1) })).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await rows("SELECT count(*) FROM v")).toEqual([[1]]);
    for (const name of ["a", "b"]) expect(readdirSync(join(folder, name, "v"))).toHaveLength(1);
  });

  it("of many at once are all there", async () => {
    const ids = Array.from({ length: 8 }, (_, i) => i);
    await Promise.all(ids.map((id) => append("w", { id: Int32Array.of(id) }, nodes[id % 2]!.node)));
    expect(await rows("SELECT count(*), sum(id) FROM w")).toEqual([[8, 28]]);
  });
});

describe("files in a node's folder", () => {
  it("are a table on every node within a second, and no longer when they are gone", async () => {
    const data = Array.from({ length: 100 }, (_, i) => i);
    const file = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "id", data, type: "INT32" }] }));
    expect(db.tables()).not.toContain("found");
    mkdirSync(join(folder, "b", "found"));
    writeFileSync(join(folder, "b", "found", "x.parquet"), file);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await rows("SELECT count(*), sum(id) FROM found")).toEqual([[100, 4950]]);
    rmSync(join(folder, "b", "found"), { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(db.query("SELECT * FROM found")).rejects.toMatchObject({ code: "unknown-table" });
  });
});

it("events are logged", () => {
  expect(log.filter((event) => event === "listening")).toHaveLength(2);
  expect(log.filter((event) => event === "joined").length).toBeGreaterThanOrEqual(2);
});
