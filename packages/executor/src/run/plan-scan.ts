import { QueryError } from "@headcut/plan";
import type { TableStore } from "../tables/table-store.ts";
import type { PlannedScan, PlanScan, ScanSource } from "./scan-plan.ts";

/** Plans scans of tables of any kind. */
export const createPlanScan =
  (tables: TableStore): PlanScan =>
  (source) => {
    const { table } = source;
    switch (table.source.kind) {
      case "memory":
        return planMemoryScan(tables, source, table.source.tableId);
      case "parquet":
        throw new QueryError("unsupported", `table ${table.name}: Parquet files cannot be read yet`);
    }
  };

const planMemoryScan = (tables: TableStore, source: ScanSource, tableId: number): PlannedScan => {
  const { operatorId, columns, table } = source;
  const { plan, release } = tables.get(tableId, table.name).snapshot(columns.map(({ index }) => index));
  return { operatorId, plan, rowGroupsPruned: 0, release };
};
