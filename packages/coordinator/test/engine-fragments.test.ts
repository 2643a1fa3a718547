import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine, openParquetTable } from "@headcut/executor";
import type { Expression, PhysicalPlan, Table } from "@headcut/plan";
import { type BoundQuery, bind, columnIds, parse, planQuery } from "@headcut/planner";
import { generate, queryText, validationParameters } from "@headcut/tpch";
import type { RecordBatch } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bindFragment, type ScanSource } from "../src/cut/bind-fragment.ts";
import { cut } from "../src/cut/cut.ts";
import type { FragmentedPlan } from "../src/cut/fragment.ts";
import { decodeFragment, encodeFragment } from "../src/cut/fragment-codec.ts";
import { inlineDefinitions } from "../src/cut/inline-definitions.ts";
import { mapInputs } from "../src/cut/map-inputs.ts";
import { mapScans } from "../src/cut/map-scans.ts";
import { scansOf } from "../src/worker/scans-of.ts";

const TABLES = ["lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region"];
const NODES = 3;

let folder: string;
let engine: Engine;
let tables: readonly Table[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headcut-fragments-"));
  await generate({ scaleFactor: 0.01, directory: folder, minShards: 4, threads: 1 });
  engine = openEngine({ threads: 1, memoryLimitBytes: 512 * 1024 * 1024 });
  tables = await Promise.all(TABLES.map((name) => openParquetTable(name, [join(folder, name, "*.parquet")])));
}, 120_000);

afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

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

const runPlan = async (plan: PhysicalPlan): Promise<RecordBatch[]> => {
  const batches: RecordBatch[] = [];
  const names = plan.columns.map((_, i) => `c${i}`);
  for await (const batch of engine.execute(plan, names)) if (batch.numRows > 0) batches.push(batch);
  return batches;
};

/** Keys of joins are columns, some widened to the other side's type: integers print alike whatever their width. */
const columnUnder = (key: Expression): number => {
  if (key.kind === "cast") return columnUnder(key.arg);
  if (key.kind !== "column") throw new Error(`a key that this test cannot hash: ${key.kind}`);
  return key.id;
};

/** Rows of the batches for each partition, as slices. */
const partitioned = (batches: readonly RecordBatch[], keys: readonly number[], count: number): RecordBatch[][] => {
  const made: RecordBatch[][] = Array.from({ length: count }, () => []);
  for (const batch of batches) {
    const vectors = keys.map((index) => batch.getChildAt(index)!);
    const partitionOf = (row: number): number => {
      const text = vectors.map((vector) => String(vector.get(row))).join("|");
      let hash = 7;
      for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
      return hash % count;
    };
    for (let row = 0; row < batch.numRows; row++) made[partitionOf(row)]!.push(batch.slice(row, row + 1));
  }
  return made;
};

/** Exchanges are tables here: what they have is sorted and not merged. */
const inNoOrder = (plan: PhysicalPlan): PhysicalPlan => {
  const mapped = mapInputs(plan, inNoOrder);
  if (mapped.kind !== "sort" && mapped.kind !== "topN") return mapped;
  const { inRuns: _, ...sorted } = mapped;
  return sorted;
};

/** Runs the fragments one after the other: files dealt out to tasks, exchanges as tables in memory. */
const runFragments = async (
  { fragments }: FragmentedPlan,
  files: ReadonlyMap<number, Table>,
): Promise<RecordBatch[]> => {
  const told = new Map<number, Promise<RecordBatch[]>>();
  /** Each fragment once: what it puts out may be read, and its keys looked up. */
  const run = (fragmentId: number): Promise<RecordBatch[]> => {
    const batches = told.get(fragmentId) ?? runTasks(fragmentId);
    told.set(fragmentId, batches);
    return batches;
  };
  const runTasks = async (fragmentId: number): Promise<RecordBatch[]> => {
    const fragment = decodeFragment(encodeFragment(fragments[fragmentId]!));
    const { runs } = fragment;
    const taskCount = runs.kind === "coordinator" ? 1 : runs.kind === "partitions" ? runs.count : NODES;
    const perTask: Map<number, ScanSource>[] = Array.from({ length: taskCount }, () => new Map());
    const made: number[] = [];
    for (const { operatorId, from } of fragment.inputs) {
      const producer = fragments[from]!;
      const batches = await run(from);
      const { output } = producer;
      const keys =
        output.kind === "hash"
          ? output.keys.map((key) => producer.plan.columns.findIndex(({ id }) => id === columnUnder(key)))
          : [];
      const parcels = output.kind === "hash" ? partitioned(batches, keys, output.partitions) : [batches];
      const bound = parcels.map((parcel): ScanSource => {
        const columns = producer.plan.columns.map(({ type, nullable }, i) => ({ name: `c${i}`, type, nullable }));
        const table = engine.tables.create(`fragment ${from}`, columns);
        made.push(table.tableId);
        if (parcel.length > 0) table.appendArrow(...parcel);
        return { source: { kind: "memory", tableId: table.tableId }, rowCount: table.rowCount() };
      });
      for (const [task, sources] of perTask.entries()) sources.set(operatorId, bound[bound.length === 1 ? 0 : task]!);
    }
    for (const { operatorId, from, key } of fragment.keyInputs ?? []) {
      exchanges.add("keys");
      const index = fragments[from]!.keysOf![key]!;
      const scan = scansOf(fragment.plan).get(operatorId)!;
      const table = engine.tables.create(`keys of fragment ${from}`, scan.table.columns);
      made.push(table.tableId);
      const keys = (await run(from)).map((batch) => batch.selectAt([index]));
      if (keys.length > 0) table.appendArrow(...keys);
      const source: ScanSource = { source: { kind: "memory", tableId: table.tableId }, rowCount: table.rowCount() };
      for (const sources of perTask) sources.set(operatorId, source);
    }
    if (runs.kind === "splits") {
      for (const scan of runs.scans) {
        const { source } = files.get(scan)!;
        if (source.kind !== "parquet") throw new Error("not in files");
        for (const [task, sources] of perTask.entries()) {
          const own = source.files.filter((_, i) => i % taskCount === task);
          const rowCount = own.reduce((sum, file) => sum + file.rowCount, 0);
          sources.set(scan, { source: { kind: "parquet", files: own }, rowCount });
        }
      }
    }
    const out: RecordBatch[] = [];
    for (const sources of perTask) out.push(...(await runPlan(inNoOrder(bindFragment(fragment.plan, sources)))));
    for (const tableId of made) engine.tables.drop(tableId);
    return out;
  };
  return run(0);
};

const textOf = (batches: readonly RecordBatch[]): string[] =>
  batches.flatMap((batch) =>
    Array.from({ length: batch.numRows }, (_, row) =>
      batch.schema.fields.map((_, i) => String(batch.getChildAt(i)!.get(row))).join(" | "),
    ),
  );

const exchanges = new Set<string>();

/** Whole and cut, the plan gives the same rows in the same order, to the last bit. */
const check = async (sql: string, known: readonly Table[] = tables): Promise<void> => {
  const plan = inlineDefinitions(planned(sql, known));
  const files = new Map<number, Table>();
  const real = mapScans(plan, (scan) => {
    const table = tables.find(({ name }) => name === scan.table.name)!;
    files.set(scan.operatorId, table);
    return { ...scan, table };
  });
  const cutUp = cut(real, { nodeCount: NODES });
  for (const { output, runs } of cutUp.fragments) exchanges.add(`${runs.kind} → ${output.kind}`);
  expect(textOf(await runFragments(cutUp, files))).toEqual(textOf(await runPlan(real)));
};

describe("fragments on the engine", () => {
  for (let query = 1; query <= 22; query++) {
    test(`TPC-H ${query}`, () => check(queryText(query, validationParameters(query))));
  }

  test("TPC-H as planned for tables a thousand times as large", async () => {
    const large = tables.map((table) => ({ ...table, rowCount: table.rowCount * 1000 }));
    for (const query of [3, 4, 10, 13, 16, 18, 21]) await check(queryText(query, validationParameters(query)), large);
    expect([...exchanges]).toContain("splits → hash");
    expect([...exchanges]).toContain("partitions → hash");
    expect([...exchanges]).toContain("keys");
  });

  test.each([
    "SELECT count(*), count(o_comment), sum(o_totalprice), avg(o_totalprice), min(o_orderdate), max(o_comment) FROM orders",
    "SELECT count(*), sum(o_custkey), avg(o_custkey), min(o_orderdate), first(o_orderkey) FROM orders WHERE o_orderkey < 0",
    "SELECT o_orderpriority, avg(o_totalprice), avg(o_custkey) FILTER (WHERE o_shippriority > 0) FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT bool_and(o_totalprice > 0), bool_or(o_custkey = 1), any_value(o_shippriority), first(o_shippriority) FROM orders",
    "SELECT round(stddev(o_totalprice), 6), round(var_pop(o_totalprice) / 1000, 6), round(stddev_pop(1000000000 + o_shippriority), 9), round(var_samp(CAST(o_custkey AS DOUBLE)), 3) FROM orders",
    "SELECT o_orderpriority, round(stddev(o_totalprice) FILTER (WHERE o_custkey > 1400), 6), var_samp(o_totalprice) FILTER (WHERE o_custkey < 0) FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT var_pop(x), stddev(x) FROM (SELECT o_totalprice AS x FROM orders WHERE o_orderkey = 1)",
    "SELECT length(string_agg(o_orderpriority, ', ')), string_agg(o_clerk, ';') FILTER (WHERE o_orderkey < 0) FROM orders",
    "SELECT o_orderstatus, string_agg(o_orderpriority, '|' ORDER BY o_orderkey), first(o_clerk ORDER BY o_orderdate, o_orderkey), any_value(o_clerk ORDER BY o_orderkey) FROM orders WHERE o_orderkey < 500 GROUP BY 1 ORDER BY 1",
    "SELECT o_orderpriority, median(o_totalprice) FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT count(DISTINCT o_custkey), sum(DISTINCT o_shippriority) FROM orders",
    "SELECT first(o_shippriority) FILTER (WHERE o_orderkey = 1), count(*) FILTER (WHERE o_orderkey = 1) FROM orders",
    "SELECT o_orderkey, o_totalprice FROM orders ORDER BY o_totalprice DESC, o_orderkey LIMIT 7 OFFSET 5",
    "SELECT o_orderkey FROM orders WHERE o_orderkey < 300 ORDER BY o_orderkey DESC",
    "SELECT count(*) FROM (SELECT * FROM lineitem LIMIT 1000)",
    "SELECT n_name, count(o_orderkey) FROM nation LEFT JOIN customer ON n_nationkey = c_nationkey LEFT JOIN orders ON c_custkey = o_custkey GROUP BY n_name ORDER BY n_name",
    "SELECT count(*), count(s_suppkey), count(n_nationkey) FROM supplier FULL JOIN nation ON s_suppkey = n_nationkey",
    "SELECT count(*) FROM customer WHERE c_custkey NOT IN (SELECT o_custkey FROM orders)",
    "SELECT k, count(*) FROM (SELECT c_nationkey AS k FROM customer UNION ALL SELECT s_nationkey FROM supplier) GROUP BY k ORDER BY k",
    "WITH few AS (SELECT s_suppkey AS k, s_name AS n FROM supplier WHERE s_suppkey < 9) SELECT a.n, b.n, count(*) FROM few a JOIN lineitem ON a.k = l_suppkey JOIN few b ON b.k = l_linenumber GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT c_nationkey FROM customer INTERSECT SELECT s_nationkey FROM supplier ORDER BY 1",
  ])("%s", (sql) => check(sql));
});
