import { type DataType, date, int32, int64, type Table, type Value, varchar } from "@headcut/plan";
import { expect, test } from "vitest";
import { findLocality } from "../../src/coordinate/find-locality.ts";
import { cut } from "../../src/cut/cut.ts";
import type { FragmentedPlan } from "../../src/cut/fragment.ts";
import { mapScans } from "../../src/cut/map-scans.ts";
import type { Split } from "../../src/placement/split.ts";
import { checkPartitions } from "../../src/shards/check-partitions.ts";
import { placeShards } from "../../src/shards/place-shards.ts";
import { planSql } from "../node/plan-sql.ts";

const COUNT = 12;
const FILE_ROWS = 1_000_000;
const nodes = Array.from({ length: 5 }, (_, i) => ({
  nodeId: `node-${i}`,
  address: "",
  weight: 1,
  draining: false,
  startedAt: 1,
  load: 0,
}));

interface Placed {
  readonly table: Table;
  readonly splits: readonly Split[];
}

/** A table of files of one value each, in an order and of sizes of its own, on the nodes where they are placed. */
const tableOf = (
  name: string,
  type: DataType,
  valueAt: (i: number) => Value,
  step: number,
  isDeclared: boolean,
): Placed => {
  const files = Array.from({ length: COUNT }, (_, i) => {
    const value = valueAt(i);
    return {
      path: name,
      name: `${name}-${(i * 5 + step) % COUNT}.parquet`,
      rowCount: FILE_ROWS,
      columns: [{ name: "k", type, nullable: true, statistics: { min: value, max: value, nullCount: 0 } }],
      sizeBytes: 10_000_000 + ((i * step) % 9) * 1_000_000,
    };
  });
  const partitions = isDeclared ? checkPartitions("k", files) : new Map<string, string>();
  const shards = files.map((file) => {
    const partition = partitions.get(file.name);
    return {
      name: file.name,
      identity: file.name,
      sizeBytes: file.sizeBytes,
      ...(partition !== undefined && { partition }),
    };
  });
  const places = placeShards(name, shards, nodes, 2);
  const splits = files.map(
    ({ columns, sizeBytes, ...file }): Split => ({
      file: { path: `shard:///${name}/${file.name}`, sizeBytes, rowCount: FILE_ROWS, identity: "1" },
      firstRowGroup: 0,
      rowGroupCount: 1,
      byteOffset: 0,
      byteLength: sizeBytes,
      rowCount: FILE_ROWS,
      reach: { kind: "held", by: places.get(file.name)! },
      columns,
    }),
  );
  const table: Table = {
    name,
    rowCount: COUNT * FILE_ROWS,
    columns: [
      { name: "k", type, nullable: false },
      { name: "x", type: int64, nullable: false },
    ],
    source: { kind: "parquet", files: splits.map(({ file }) => file) },
  };
  return { table, splits };
};

const cutJoin = (a: Placed, b: Placed): FragmentedPlan => {
  const sql = "SELECT a.k, count(*) AS n, sum(b.x) AS s FROM a JOIN b ON a.k = b.k GROUP BY a.k";
  const plan = planSql(sql, [a.table, b.table]).physical;
  const splits = new Map<number, readonly Split[]>();
  mapScans(plan, (scan) => {
    splits.set(scan.operatorId, scan.table.name === "a" ? a.splits : b.splits);
    return scan;
  });
  return cut(plan, { nodeCount: nodes.length, locality: findLocality(splits, nodes) });
};

test.each([
  ["integers of two widths", int32, (i: number) => i, int64, (i: number) => BigInt(i)],
  ["dates", date, (i: number) => i, date, (i: number) => i],
  ["strings", varchar, (i: number) => `city ${i}`, varchar, (i: number) => `city ${i}`],
] as const)(
  "tables partitioned by equal values are joined and grouped without an exchange: %s",
  (_, aType, aValue, bType, bValue) => {
    const joined = (isDeclared: boolean): FragmentedPlan =>
      cutJoin(tableOf("a", aType, aValue, 3, isDeclared), tableOf("b", bType, bValue, 7, isDeclared));
    const { fragments } = joined(true);
    expect(fragments.map(({ output }) => output.kind).sort()).toEqual(["gather", "result"]);
    expect(fragments.flatMap(({ runs }) => (runs.kind === "splits" ? [runs.by?.length] : []))).toEqual([2]);
    // It is the declaration that does it.
    expect(joined(false).fragments.length).toBeGreaterThan(2);
  },
);
