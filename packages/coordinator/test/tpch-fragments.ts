import type { PhysicalPlan, Table } from "@headcut/plan";
import { planTpch, tpchQuery } from "../../planner/test/tpch-catalog.ts";
import { cut } from "../src/cut/cut.ts";
import type { FragmentedPlan } from "../src/cut/fragment.ts";
import { inlineDefinitions } from "../src/cut/inline-definitions.ts";
import { mapScans } from "../src/cut/map-scans.ts";
import { rowBytes } from "../src/cut/row-bytes.ts";
import { type Assignment, assignSplits } from "../src/placement/assign.ts";
import { type Split, splitFile } from "../src/placement/split.ts";

const ROW_GROUP_ROWS = 122_880;

/** One Parquet file per table, of row groups as DuckDB writes them, compressed to half. */
const splitsOf = (table: Table): readonly Split[] => {
  const width = rowBytes(table.columns.map((column, id) => ({ ...column, id }))) / 2;
  const groups = Math.ceil(table.rowCount / ROW_GROUP_ROWS);
  let byteOffset = 4;
  const rowGroups = Array.from({ length: groups }, (_, i) => {
    const rowCount = Math.min(ROW_GROUP_ROWS, table.rowCount - i * ROW_GROUP_ROWS);
    const group = { rowCount, byteOffset, byteLength: Math.round(rowCount * width) };
    byteOffset += group.byteLength;
    return group;
  });
  const file = { path: `${table.name}.parquet`, sizeBytes: byteOffset, rowCount: table.rowCount, identity: "1" };
  return splitFile(file, rowGroups, { kind: "anywhere" });
};

export const NODES = ["node-a", "node-b", "node-c"].map((nodeId) => ({ nodeId, weight: 1 }));

/** A TPC-H query at scale factor 1 on three nodes. */
export const cutTpch = (
  query: number,
): {
  readonly physical: PhysicalPlan;
  readonly cutUp: FragmentedPlan;
  readonly placement: ReadonlyMap<number, readonly Assignment[]>;
} => {
  const inFiles = mapScans(planTpch(tpchQuery(query)).physical, (scan) => ({
    ...scan,
    table: {
      ...scan.table,
      source: {
        kind: "parquet",
        files: splitsOf(scan.table)
          .map(({ file }) => file)
          .slice(0, 1),
      },
    },
  }));
  const physical = inlineDefinitions(inFiles);
  const placement = new Map<number, readonly Assignment[]>();
  mapScans(physical, (scan) => {
    placement.set(scan.operatorId, assignSplits(splitsOf(scan.table), NODES));
    return scan;
  });
  return { physical, cutUp: cut(physical, { nodeCount: NODES.length }), placement };
};
