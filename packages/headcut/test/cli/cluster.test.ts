import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "headcut";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { headcut, type RunningHeadcut, startHeadcut } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-cluster-"));
const running: RunningHeadcut[] = [];
afterEach(async () => {
  for (const each of running) each.process.kill("SIGKILL");
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nine files of 1,000 rows: `id` is 0 … 8,999. */
const source = join(folder, "source");
beforeAll(() => {
  mkdirSync(source);
  for (let i = 0; i < 9; i++) {
    const data = Array.from({ length: 1000 }, (_, row) => i * 1000 + row);
    const bytes = parquetWriteBuffer({ columnData: [{ name: "id", data, type: "INT32", nullable: false }] });
    writeFileSync(join(source, `part-${i}.parquet`), new Uint8Array(bytes));
  }
});

interface Node extends RunningHeadcut {
  readonly data: string;
  readonly address: string;
  readonly nodeId: string;
  readonly pages: string;
}

let drawn = 0;
const serve = async (
  join_: readonly Node[] = [],
  data = join(folder, `data-${drawn++}`),
  more: readonly string[] = [],
): Promise<Node> => {
  const seeds = join_.map(({ address }) => address).join(",");
  const args = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--join", seeds, "--threads", "1"];
  const node = startHeadcut([...args, "--http", "127.0.0.1:0", "--grace", "5", ...more]);
  running.push(node);
  await Promise.race([node.until(" probes "), node.ended.then(() => Promise.reject(new Error(node.errors())))]);
  const value = (name: string): string => new RegExp(` ${name}=(\\S+)`).exec(node.errors())![1]!;
  const pages = / probes address=(\S+)/.exec(node.errors())![1]!;
  return { ...node, data, address: value("address"), nodeId: value("node"), pages: `http://${pages}` };
};

const page = async (node: Node, path: string): Promise<[number, string]> => {
  const response = await fetch(node.pages + path);
  return [response.status, await response.text()];
};

/** Until it holds, or ten seconds have passed. */
const eventually = async (check: () => Promise<boolean> | boolean): Promise<void> => {
  for (const deadline = Date.now() + 10_000; !(await check()); ) {
    if (Date.now() > deadline) throw new Error("it never came true");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const members = async (node: Node): Promise<number> =>
  Number(/^headcut_members (\d+)$/m.exec((await page(node, "/metrics"))[1])![1]);

const threeNodes = async (more: readonly string[] = []): Promise<Node[]> => {
  const first = await serve([], undefined, more);
  const second = await serve([first], undefined, more);
  const third = await serve([first], undefined, more);
  const nodes = [first, second, third];
  for (const node of nodes) await eventually(async () => (await members(node)) === 3);
  return nodes;
};

const load = (nodes: readonly Node[], files = "*", more: readonly string[] = []) => {
  const url = `grpc://${nodes.map(({ address }) => address).join(",")}`;
  return headcut([
    "load",
    "--table",
    "t",
    "--from",
    join(source, `part-${files}.parquet`),
    "--to-cluster",
    url,
    ...more,
  ]);
};

const shardLines = (node: Node, ...more: string[]) => {
  const { stdout, stderr, status } = headcut(["shards", "--cluster", `grpc://${node.address}`, ...more]);
  return { lines: stdout.trim().split("\n").slice(1), stderr, status };
};

describe("headcut serve", () => {
  it("has an id of its own, answers probes, and stops in good order", async () => {
    const node = await serve();
    expect(readFileSync(join(node.data, ".headcut-node"), "utf8").trim()).toBe(node.nodeId);
    expect(await page(node, "/health")).toEqual([200, "ready\n"]);
    expect(await page(node, "/ready")).toEqual([200, "ready\n"]);
    expect((await page(node, "/metrics"))[1]).toContain("headcut_ready 1\n");
    node.process.kill("SIGTERM");
    expect(await node.ended).toBe(0);
    expect(node.errors()).toMatch(/ draining reason=SIGTERM\n.* stopped\n$/);
    const again = await serve([], node.data);
    expect(again.nodeId).toBe(node.nodeId);
  });

  it("tells who comes and goes", async () => {
    const [first, second, third] = await threeNodes();
    await eventually(() => first!.errors().includes(`joined node=${third!.nodeId}`));
    second!.process.kill("SIGTERM");
    expect(await second!.ended).toBe(0);
    await eventually(() => first!.errors().includes(`left node=${second!.nodeId}`));
    third!.process.kill("SIGKILL");
    await eventually(() => first!.errors().includes(`lost node=${third!.nodeId}`));
    expect((await page(first!, "/metrics"))[1]).toContain("headcut_members_lost 1\n");
  });

  it("says what is wrong with its options, its port and its files", async () => {
    const data = join(folder, "bad-options");
    const fail = (...args: string[]) => headcut(["serve", "--data", data, ...args]);
    expect(fail("--join", "nonsense")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("is not host:port"),
    });
    expect(fail("--tls-cert", "x")).toMatchObject({ status: 2, stderr: expect.stringContaining("go together") });
    expect(headcut(["serve"])).toMatchObject({ status: 2, stderr: expect.stringContaining("--data") });
    const node = await serve();
    expect(fail("--listen", node.address)).toMatchObject({ status: 1, stderr: expect.stringContaining(node.address) });
    mkdirSync(join(data, "t"));
    writeFileSync(join(data, "t", "broken.parquet"), "broken");
    const other = await serve([], data);
    await eventually(() => other.errors().includes("bad-shard"));
    expect(other.errors()).toContain("t/broken.parquet");
  });

  it("lets in nobody without the token", async () => {
    const token = ["--token", "sesame"];
    const node = await serve([], undefined, token);
    expect(load([node])).toMatchObject({ status: 1, stderr: expect.stringMatching(/token/i) });
    expect(load([node], "0", token).status).toBe(0);
    expect(shardLines(node, ...token).lines).toHaveLength(1);
  });
});

describe("headcut load and headcut shards", () => {
  it("spread the files over the nodes, two copies each; without one node all are there still", async () => {
    const nodes = await threeNodes();
    const [first, second, third] = nodes;
    const { status, stdout, stderr } = load(nodes);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^9 shards of t, 2 copies each: .* sent to 3 nodes\n$/);
    const files = nodes.map(({ data }) => readdirSync(join(data, "t")));
    expect(files.flat()).toHaveLength(18);
    for (const own of files) expect(own).toHaveLength(6);
    for (const line of shardLines(second!).lines)
      expect(line).toMatch(/^t +part-\d\.parquet +1000 +\S+ \S+ +node-\S+ node-\S+$/);
    expect(shardLines(first!, "--summary").lines).toHaveLength(3);
    expect(load(nodes).stdout).toMatch(/ 0 B sent to 3 nodes; 18 copies were there/);

    third!.process.kill("SIGKILL");
    rmSync(third!.data, { recursive: true });
    const fresh = await serve([first!]);
    await eventually(async () => (await members(fresh)) >= 3);
    await eventually(() => {
      const { lines, status } = shardLines(fresh);
      return status === 0 && lines.length === 9 && lines.every((line) => line.includes("node-"));
    });
  });

  it("copies are made again when a node is gone for good", async () => {
    const [first, ...others] = await threeNodes(["--repair-after", "1"]);
    expect(load([first!]).status).toBe(0);
    others[1]!.process.kill("SIGKILL");
    const isWhole = (): boolean => {
      const { lines } = shardLines(first!);
      return lines.length === 9 && lines.every((line) => line.match(/ node-/g)!.length === 2);
    };
    await eventually(() => !isWhole());
    await eventually(isWhole);
    await eventually(() => (first!.errors() + others[0]!.errors()).includes(" copied table=t shard=part-"));
  });

  it("a node that joins gets its share, and the others give theirs up when it has it", async () => {
    const nodes = await threeNodes(["--repair-after", "1"]);
    expect(load(nodes).status).toBe(0);
    const before = shardLines(nodes[0]!).lines;
    const fresh = await serve(nodes, undefined, ["--repair-after", "1"]);
    const held = (): string[] => shardLines(fresh).lines.filter((line) => line.includes(fresh.nodeId));
    const isSettled = (): boolean =>
      held().length >= 4 && shardLines(fresh).lines.every((line) => line.match(/ node-/g)!.length === 2);
    await eventually(isSettled);
    // Its share of eighteen copies is four and a half.
    expect(held().length).toBeLessThanOrEqual(5);
    const after = shardLines(fresh).lines;
    const ids = (line: string): string[] => line.match(/ node-\S+/g)!;
    const moved = after.filter((line, i) => ids(before[i]!).some((id) => !ids(line).includes(id)));
    expect(moved.length).toBe(held().length);
    await eventually(() => nodes.some((node) => node.errors().includes(" given-up table=t shard=part-")));
    const url = `grpc://${fresh.address}`;
    const { stdout } = headcut([
      "query",
      "SELECT count(*) AS n, sum(id) AS s FROM t",
      "--connect",
      url,
      "--format",
      "csv",
    ]);
    expect(stdout).toBe("n,s\n9000,40495500\n");
  });

  it("a table that was dropped while a node was away does not come back with it", async () => {
    const nodes = await threeNodes();
    const [first, second, third] = nodes;
    expect(load(nodes).status).toBe(0);
    third!.process.kill("SIGKILL");
    await third!.ended;
    await eventually(() => first!.errors().includes("lost node=") && second!.errors().includes("lost node="));
    const drop = (...more: string[]) =>
      headcut(["drop", "--cluster", `grpc://${first!.address}`, "--table", "t", ...more]);
    expect(drop()).toMatchObject({ status: 0, stdout: "t is dropped\n" });
    expect(drop()).toMatchObject({ status: 1, stderr: expect.stringContaining("no table t") });
    expect(drop("--if-exists").status).toBe(0);
    const again = await serve([first!], third!.data);
    expect(readdirSync(join(again.data, "t")).length).toBeGreaterThan(0);
    const names = (node: Node): string => shardLines(node).lines.join();
    await eventually(async () => (await members(again)) === 3 && (await members(first!)) === 3);
    for (const node of [first!, second!, again]) expect(names(node)).toBe("");
    expect(load([again, first!], "[0-2]").status).toBe(0);
    const url = `grpc://${again.address}`;
    const { stdout } = headcut(["query", "SELECT count(*) AS n FROM t", "--connect", url, "--format", "csv"]);
    expect(stdout).toBe("n\n3000\n");
    expect(names(first!)).toMatch(/t1-part-0.*t1-part-1.*t1-part-2/);
  });

  it("DROP TABLE drops a loaded table for all, and a session's table before it", async () => {
    const nodes = await threeNodes();
    expect(load(nodes, "[0-2]").status).toBe(0);
    const url = `grpc://${nodes.map(({ address }) => address).join(",")}`;
    await using db = await connect(url);
    await using other = await connect(`grpc://${nodes[2]!.address}`);
    const count = async (of: typeof db) => (await of.query("SELECT count(*) FROM t")).toText();
    await db.query("CREATE OR REPLACE TABLE t AS SELECT 1 AS a");
    await db.query("DROP TABLE t");
    expect(await count(db)).toEqual([["3000"]]);
    await db.query("CREATE OR REPLACE TABLE t AS SELECT 1 AS a");
    expect(db.unregister("t")).toBe(true);
    expect(await count(db)).toEqual([["3000"]]);
    expect((await db.query("DROP TABLE T")).toRows()).toEqual([]);
    for (const of of [db, other]) await expect(count(of)).rejects.toMatchObject({ code: "unknown-table" });
    await expect(other.query("DROP TABLE t")).rejects.toMatchObject({ code: "unknown-table" });
    await other.query("DROP TABLE IF EXISTS t");
    expect(shardLines(nodes[1]!).lines).toEqual([]);
    // Files that lie in the folders are nobody's to drop.
    mkdirSync(join(nodes[0]!.data, "found"));
    copyFileSync(join(source, "part-0.parquet"), join(nodes[0]!.data, "found", "part-0.parquet"));
    await eventually(async () => (await db.query("SHOW TABLES")).rowCount === 1);
    await expect(db.query("DROP TABLE found")).rejects.toMatchObject({ code: "unsupported" });
    expect(load(nodes, "[0-3]").status).toBe(0);
    expect(await count(db)).toEqual([["4000"]]);
  });

  it("a table of a session that is lost is not taken for the cluster's", async () => {
    const nodes = await threeNodes();
    expect(load(nodes, "0").status).toBe(0);
    await using db = await connect(`grpc://${nodes.map(({ address }) => address).join(",")}`);
    await db.query("CREATE OR REPLACE TABLE t AS SELECT 1 AS a");
    expect((await db.query("SELECT * FROM t")).toText()).toEqual([["1"]]);
    // Whichever of them has the session.
    for (const node of nodes.slice(0, 2)) node.process.kill("SIGKILL");
    await db.query("DROP TABLE t").catch(() => undefined);
    db.unregister("t");
    for (const node of nodes.slice(0, 2)) await serve([nodes[2]!], node.data);
    await eventually(async () => (await members(nodes[2]!)) === 3);
    expect(shardLines(nodes[2]!, "--table", "t").lines).toHaveLength(1);
  });

  it("a table is replaced while queries run: each sees all of the old one or all of the new; a loader that is killed leaves the old", async () => {
    const nodes = await threeNodes();
    expect(load(nodes, "[0-4]").status).toBe(0);
    await using db = await connect(`grpc://${nodes.map(({ address }) => address).join(",")}`);
    const sql = "SELECT count(*) AS n, sum(id) AS s FROM t";
    const seen = new Set<string>();
    let isOver = false;
    const asking = [0, 1].map(async () => {
      while (!isOver) seen.add(JSON.stringify((await db.query(sql)).toText()));
    });
    const [before, after] = ['[["5000","12497500"]]', '[["4000","27998000"]]'];
    await eventually(() => seen.has(before));
    const args = ["load", "--replace", "--table", "t", "--from", join(source, "part-[5-8].parquet"), "--to-cluster"];
    const killed = startHeadcut([...args, `grpc://${nodes[0]!.address}`]);
    await eventually(() =>
      nodes.some(({ data }) => readdirSync(join(data, "t")).some((name) => name.startsWith("t1-"))),
    );
    killed.process.kill("SIGKILL");
    await killed.ended;
    const replaced = startHeadcut([...args, `grpc://${nodes[1]!.address}`]);
    expect(await replaced.ended).toBe(0);
    await eventually(() => seen.has(after));
    isOver = true;
    await Promise.all(asking);
    expect([...seen].sort()).toEqual([after, before]);
    expect((await db.query(sql)).toText()).toEqual([["4000", "27998000"]]);
  });

  it("name the shards that nobody has", async () => {
    const nodes = await threeNodes();
    expect(load(nodes, "*", ["--copies", "1"]).status).toBe(0);
    const [first, second, third] = nodes;
    second!.process.kill("SIGKILL");
    await second!.ended;
    await eventually(() => first!.errors().includes("lost node=") && third!.errors().includes("lost node="));
    const { lines, status, stderr } = shardLines(first!);
    expect(status).toBe(1);
    expect(lines).toHaveLength(9);
    expect(lines.filter((line) => line.endsWith("missing"))).toHaveLength(3);
    expect(stderr).toMatch(/no node that can be reached has shard:\/\/\/t\/part-\d\.parquet, nor 2 other shards/);
    expect(existsSync(join(second!.data, "t"))).toBe(true);
    await serve([first!], second!.data);
    await eventually(() => shardLines(first!).status === 0);
  });

  it("fail with a reason", async () => {
    const node = await serve();
    expect(
      headcut(["load", "--table", "t", "--from", "none/*.parquet", "--to-cluster", `grpc://${node.address}`]),
    ).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no files match"),
    });
    expect(load([{ ...node, address: "127.0.0.1:1" }])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("127.0.0.1:1"),
    });
    expect(headcut(["shards", "--cluster", `grpc://${node.address}`, "--table", "u"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no table u"),
    });
    expect(headcut(["shards", "--cluster", "nonsense"])).toMatchObject({ status: 1 });
  });
});

describe("headcut query and headcut shell", () => {
  it("ask a cluster, with its token, and say why they cannot", async () => {
    const [first] = await threeNodes(["--token", "secret"]);
    const url = `grpc://${first!.address}`;
    expect(load([first!], "*", ["--token", "secret"]).status).toBe(0);
    const sql = "SELECT count(*) AS n, max(id) AS m FROM t";
    const query = headcut(["query", sql, "--connect", url, "--format", "csv"], "", { HEADCUT_TOKEN: "secret" });
    expect(query.stdout).toBe("n,m\n9000,8999\n");
    const shell = headcut(["shell", "-c", url, "--token", "secret"], `${sql};\n.tables\n`);
    expect(shell.stdout).toContain("8999");
    expect(shell.stdout).toMatch(/^t$/m);

    expect(headcut(["query", sql, "--connect", url, "--token", "guess"])).toMatchObject({ status: 1 });
    const both = headcut(["query", sql, "--connect", url, "--data", folder]);
    expect(both.status).not.toBe(0);
    expect(both.stderr).toContain("--data is about an engine of one's own");
  });
});

describe("headcut dev", () => {
  it("runs a cluster, and ends it on Ctrl-C", async () => {
    const data = join(folder, "dev");
    const dev = startHeadcut(["dev", "--nodes", "2", "--data", data, "--base-port", "18915", "--threads", "1"]);
    running.push(dev);
    await dev.until("Ctrl-C ends them");
    // Two streams of one process arrive in any order.
    await eventually(() => dev.output().endsWith("\n"));
    expect(dev.output()).toBe("grpc://127.0.0.1:18915,127.0.0.1:18916\n");
    expect(headcut(["shards", "--cluster", "grpc://127.0.0.1:18916", "--summary"]).status).toBe(0);
    dev.process.kill("SIGINT");
    expect(await dev.ended).toBe(0);
    expect(dev.errors()).toContain("node-2 ");
    expect(headcut(["shards", "--cluster", "grpc://127.0.0.1:18915"]).status).toBe(1);
  });

  it("ends all when one node does, and says so; its nodes do not outlive it", async () => {
    const args = ["dev", "--nodes", "2", "--base-port", "18925", "--threads", "1"];
    const dev = startHeadcut(args);
    running.push(dev);
    await dev.until("Ctrl-C ends them");
    const blocked = startHeadcut(args);
    running.push(blocked);
    expect(await blocked.ended).toBe(1);
    expect(blocked.errors()).toContain("18925");
    dev.process.kill("SIGKILL");
    await eventually(() => headcut(["shards", "--cluster", "grpc://127.0.0.1:18925,127.0.0.1:18926"]).status === 1);
  });
});
