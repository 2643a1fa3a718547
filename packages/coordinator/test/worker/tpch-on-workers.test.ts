import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine, openParquetTable } from "@headcut/executor";
import type { PhysicalPlan, Table } from "@headcut/plan";
import { type BoundQuery, bind, columnIds, parse, planQuery } from "@headcut/planner";
import { generate, queryText, validationParameters } from "@headcut/tpch";
import type { RecordBatch } from "apache-arrow";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { cut } from "../../src/cut/cut.ts";
import { mapScans } from "../../src/cut/map-scans.ts";
import { type Split, splitFile } from "../../src/placement/split.ts";
import { openSocketCluster } from "./socket-cluster.ts";
import { openTestCluster, runFragments, spillFiles, type TestCluster } from "./test-cluster.ts";

const TABLES = ["lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region"];

let folder: string;
let engine: Engine;
let tables: readonly Table[];
let cluster: TestCluster;
let free: readonly number[];
let queries = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headcut-worker-data-"));
  await generate({ scaleFactor: 0.01, directory: folder, minShards: 4, threads: 1 });
  engine = openEngine({ threads: 1, memoryLimitBytes: 512 << 20 });
  tables = await Promise.all(TABLES.map((name) => openParquetTable(name, [join(folder, name, "*.parquet")])));
}, 120_000);

afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const expectNothingLeft = (): void => {
  expect(cluster.nodes.map((node) => node.engine.freeBytes())).toEqual(free);
  expect(cluster.nodes.map((node) => node.worker.status())).toMatchObject(
    cluster.nodes.map(() => ({ queries: 0, runningAttempts: 0, outputBytes: 0, spilledBytes: 0 })),
  );
  expect(spillFiles(cluster)).toEqual([]);
};

const planned = (sql: string, known: readonly Table[]): PhysicalPlan => {
  const ids = columnIds();
  const [statement] = parse(sql);
  const bound = bind(
    statement!,
    {
      lookupTable: (reference) =>
        reference.kind === "name" ? known.find(({ name }) => name === reference.parts.at(-1)) : undefined,
      tableNames: () => known.map(({ name }) => name),
      parameters: [],
      nowMicros: 0n,
    },
    ids,
  ) as BoundQuery;
  return planQuery(bound.plan, bound.names, ids).physical;
};

const textOf = async (batches: AsyncIterable<RecordBatch>): Promise<string[]> => {
  const rows: string[] = [];
  for await (const batch of batches) {
    for (let row = 0; row < batch.numRows; row++) {
      rows.push(batch.schema.fields.map((_, i) => String(batch.getChildAt(i)!.get(row))).join(" | "));
    }
  }
  return rows;
};

const exchanges = new Set<string>();

/** Bytes that went from one node to another. */
const check = async (sql: string, known: readonly Table[] = tables): Promise<number> => {
  const plan = planned(sql, known);
  const splits = new Map<number, readonly Split[]>();
  const real = mapScans(plan, (scan) => {
    const table = tables.find(({ name }) => name === scan.table.name)!;
    if (table.source.kind !== "parquet") throw new Error("not in files");
    splits.set(
      scan.operatorId,
      table.source.files.flatMap((file) => splitFile(file, undefined, { kind: "anywhere" })),
    );
    return { ...scan, table };
  });
  const fragmented = cut(real, { nodeCount: 3 });
  for (const { output, runs } of fragmented.fragments) exchanges.add(`${runs.kind} → ${output.kind}`);
  const query = await runFragments(cluster, fragmented, { queryId: `query-${queries++}`, splits });
  const rows = await textOf(query.run);
  await query.run.received;
  await query.end();
  const names = real.columns.map((_, i) => `c${i}`);
  const expected = await textOf(engine.execute(real, names));
  const ordered = real.kind === "sort" || real.kind === "topN";
  expect(ordered ? rows : rows.sort()).toEqual(ordered ? expected : expected.sort());
  return query.reports.reduce((sum, { report }) => sum + report.bytesIn, query.run.inputBytes().bytesIn);
};

describe.each(["loopback", "sockets"])("TPC-H on workers over %s", (transport) => {
  beforeAll(async () => {
    cluster = transport === "sockets" ? await openSocketCluster(3) : openTestCluster({ nodes: 3 });
    free = cluster.nodes.map((node) => node.engine.freeBytes());
  });
  afterEach(expectNothingLeft);
  afterAll(() => cluster.close());

  for (let query = 1; query <= 22; query++) {
    test(`${query}`, async () => {
      await check(queryText(query, validationParameters(query)));
    });
  }

  test("as planned for tables a thousand times as large", async () => {
    const large = tables.map((table) => ({ ...table, rowCount: table.rowCount * 1000 }));
    for (const query of [3, 4, 10, 13, 16, 18, 21]) await check(queryText(query, validationParameters(query)), large);
    expect([...exchanges]).toContain("splits → hash");
    expect([...exchanges]).toContain("partitions → hash");
  });

  test("few bytes travel where partial results are small", async () => {
    for (const query of [1, 6]) {
      expect(await check(queryText(query, validationParameters(query)))).toBeLessThan(4 << 10);
    }
  });

  test("a task that helps another node leaves the cache as it is", async () => {
    const plan = planned("SELECT sum(l_quantity) FROM lineitem", tables);
    const { fragments } = cut(plan, { nodeCount: 3 });
    const scanning = fragments.find(({ runs }) => runs.kind === "splits")!;
    const node = cluster.nodes[1]!;
    node.engine.columnCache.clear();
    const session = node.worker.local("helping", 64 << 20);
    session.addFragment(scanning);
    const { source } = tables[0]!;
    const { scans } = scanning.runs as Extract<typeof scanning.runs, { kind: "splits" }>;
    if (source.kind !== "parquet") throw new Error("not in files");
    const items = source.files
      .flatMap((file) => splitFile(file, undefined, { kind: "anywhere" }))
      .map((split) => ({ operatorId: scans[0]!, split }));
    const events = session.events[Symbol.asyncIterator]();
    for (const [attemptId, fillCache] of [false, true].entries()) {
      const work = { kind: "splits", items, nodeId: node.nodeId, fillCache } as const;
      session.launch({ fragmentId: scanning.fragmentId, taskId: 0, attemptId, work, inputs: [], streamed: false });
      expect((await events.next()).value).toMatchObject({ kind: "finished", attemptId, report: { rows: 1 } });
      expect(node.engine.columnCache.statistics().entries > 0).toBe(fillCache);
    }
    await session.close();
  });

  test("a root that only hands on", async () => {
    await check("SELECT o_orderkey, o_comment FROM orders");
  });
});
