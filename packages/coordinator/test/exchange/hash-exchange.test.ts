import type { EncodedBatch } from "@headcut/executor";
import { type Column, columnRef, int32, type PhysicalPlan } from "@headcut/plan";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fragment } from "../../src/cut/fragment.ts";
import { fragmentOf, handOn, planOf } from "../worker/plans.ts";
import { openTestCluster, runFragments, type TestCluster } from "../worker/test-cluster.ts";
import { rawRows } from "./raw-rows.ts";

let cluster: TestCluster;
let free: readonly number[];
let queries = 0;
const freeBytes = (): number[] => cluster.nodes.map(({ engine }) => engine.freeBytes());

beforeAll(() => {
  cluster = openTestCluster({ nodes: 2 });
  free = freeBytes();
});
afterAll(() => cluster.close());
afterEach(() => expect(freeBytes()).toEqual(free));

const rowsOf = async (batches: AsyncIterable<EncodedBatch>): Promise<EncodedBatch[]> => {
  const all: EncodedBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

const PARTITIONS = 5;

/** The plan's rows by hash of its first columns to tasks that say their own number: rows and partitions. */
const exchanged = async (plan: PhysicalPlan, keyCount: number): Promise<(string | null)[][]> => {
  const { columns } = plan;
  const producer = PARTITIONS + 1;
  const number: Column = { id: 1_000_000, name: "partition", type: int32, nullable: false };
  const consumers = Array.from({ length: PARTITIONS }, (_, i): Fragment => {
    const scan = handOn(100, columns);
    const plain = columns.map((column) => ({ id: column.id, name: column.name, expression: columnRef(column) }));
    const own = {
      id: number.id,
      name: number.name,
      expression: { kind: "constant", type: int32, nullable: false, value: i } as const,
    };
    const project: PhysicalPlan = {
      kind: "project",
      operatorId: 101,
      columns: [...columns, number],
      estimatedRows: 1,
      input: scan,
      projections: [...plain, own],
    };
    return fragmentOf(i + 1, project, { kind: "gather", order: undefined }, [{ operatorId: 100, from: producer }]);
  });
  const root: PhysicalPlan = {
    kind: "unionAll",
    operatorId: 110,
    columns: [...columns, number],
    estimatedRows: 1,
    inputs: consumers.map((_, i) => handOn(111 + i, [...columns, number])),
    inputColumns: consumers.map(() => [...columns, number].map(({ id }) => id)),
  };
  const fragments: Fragment[] = [
    fragmentOf(
      0,
      root,
      { kind: "result" },
      consumers.map((_, i) => ({ operatorId: 111 + i, from: i + 1 })),
    ),
    ...consumers,
    fragmentOf(producer, plan, {
      kind: "hash",
      keys: columns.slice(0, keyCount).map(columnRef),
      partitions: PARTITIONS,
    }),
  ];
  const query = await runFragments(
    cluster,
    { fragments },
    { queryId: `hash-${queries++}`, splits: new Map(), partitionOf: (fragmentId) => fragmentId - 1 },
  );
  const made = await rowsOf(query.run.encodedBatches());
  await query.end();
  return rawRows(made, root.columns);
};

/** Literals of each type; those of one list are equal in SQL. */
const cases: readonly (readonly [type: string, classes: readonly (readonly string[])[]])[] = [
  ["BOOLEAN", [["true"], ["false"], ["NULL"]]],
  ["TINYINT", [["-128"], ["127"], ["0", "0"], ["NULL", "NULL"]]],
  ["SMALLINT", [["-32768"], ["32767"], ["NULL"]]],
  ["INTEGER", [["-2147483648"], ["2147483647"], ["7", "7"], ["NULL", "NULL"]]],
  ["BIGINT", [["-9223372036854775808"], ["9223372036854775807"], ["1", "1"], ["NULL"]]],
  ["UTINYINT", [["0"], ["255"], ["NULL"]]],
  ["USMALLINT", [["0"], ["65535"], ["NULL"]]],
  ["UINTEGER", [["0"], ["4294967295"], ["NULL"]]],
  ["UBIGINT", [["0"], ["18446744073709551615"], ["NULL"]]],
  ["FLOAT", [["'-0.0'", "'0.0'"], ["'nan'", "'-nan'"], ["'inf'"], ["'-inf'"], ["1.5", "1.5"], ["NULL", "NULL"]]],
  [
    "DOUBLE",
    [["'-0.0'", "'0.0'"], ["'nan'", "'-nan'"], ["'inf'"], ["'-inf'"], ["1e308"], ["5e-324"], ["NULL", "NULL"]],
  ],
  ["DECIMAL(4,1)", [["-999.9"], ["999.9"], ["0", "0.0"], ["NULL"]]],
  ["DECIMAL(18,2)", [["-9999999999999999.99"], ["9999999999999999.99"], ["NULL"]]],
  [
    "DECIMAL(38,3)",
    [["-99999999999999999999999999999999999.999"], ["99999999999999999999999999999999999.999"], ["NULL"]],
  ],
  ["DATE", [["'0001-01-01'"], ["'9999-12-31'"], ["'1970-01-01'", "'1970-01-01'"], ["NULL"]]],
  ["TIME", [["'00:00:00'"], ["'23:59:59.999999'"], ["NULL"]]],
  ["TIMESTAMP", [["'1677-09-22 00:12:43.5'"], ["'9999-12-31 23:59:59.999999'"], ["NULL"]]],
  ["TIMESTAMP_NS", [["'1970-01-01 00:00:00.000000001'"], ["NULL"]]],
  ["TIMESTAMPTZ", [["'2024-02-29 12:00:00+00'", "'2024-02-29 14:00:00+02'"], ["NULL"]]],
  [
    "INTERVAL",
    [["'30 days'", "'1 month'", "'720 hours'"], ["'1 year'", "'12 months'"], ["'-1 day'"], ["NULL", "NULL"]],
  ],
  ["VARCHAR", [["''", "''"], ["'a'"], ["'Ünïcödé 🦆'"], [`'${"long ".repeat(400)}'`], ["NULL", "NULL"]]],
  ["BLOB", [["''"], ["'\\x00\\xFF'"], ["NULL"]]],
  ["UUID", [["'00000000-0000-0000-0000-000000000000'"], ["'ffffffff-ffff-ffff-ffff-ffffffffffff'"], ["NULL"]]],
];

describe("a hash exchange", () => {
  test.each(cases)("moves %s to the bit, equal values to one partition", async (type, classes) => {
    const literals = classes.flat();
    const rows = literals.map((literal, i) => `(CAST(${literal} AS ${type}), ${i})`).join(", ");
    const plan = planOf(`SELECT * FROM (VALUES ${rows}) t(v, i)`);
    const names = plan.columns.map(({ name }) => name);
    const direct = await rowsOf(cluster.nodes[0]!.engine.execute(plan, names).encodedBatches());
    const expected = rawRows(direct, plan.columns);
    const made = await exchanged(plan, 1);
    const byNumber = (a: (string | null)[], b: (string | null)[]): number =>
      Buffer.from(a[1]!, "hex").readInt32LE() - Buffer.from(b[1]!, "hex").readInt32LE();
    made.sort(byNumber);
    expect(made.map((row) => row.slice(0, 2))).toEqual(expected.sort(byNumber));
    let next = 0;
    for (const equal of classes) {
      const partitions = new Set(equal.map(() => made[next++]![2]));
      expect(partitions.size, equal.join(" = ")).toBe(1);
    }
  });

  test("spreads rows evenly, by several keys and by one", async () => {
    for (const [sql, keys] of [
      ["SELECT CAST(i AS BIGINT) AS k, 'x' || CAST(i % 7 AS VARCHAR) AS s FROM range(20000) t(i)", 2],
      ["SELECT CAST(i AS BIGINT) AS k FROM range(20000) t(i)", 1],
      ["SELECT CAST(i * 1024 AS BIGINT) AS k FROM range(20000) t(i)", 1],
      ["SELECT 'key ' || CAST(i AS VARCHAR) AS k FROM range(20000) t(i)", 1],
    ] as const) {
      const plan = planOf(sql);
      const made = await exchanged(plan, keys);
      expect(made).toHaveLength(20_000);
      const counts = new Map<string | null, number>();
      for (const row of made) counts.set(row.at(-1)!, (counts.get(row.at(-1)!) ?? 0) + 1);
      expect(counts.size).toBe(PARTITIONS);
      for (const count of counts.values()) expect(Math.abs(count - 4000)).toBeLessThan(300);
    }
  });
});
