import type { DataType, LogicalPlan, Table } from "@headcut/plan";

/** A query bound: its plan's output columns are the result's, under `names` (which may repeat). */
export interface BoundQuery {
  readonly kind: "query";
  readonly plan: LogicalPlan;
  readonly names: readonly string[];
}

export interface BoundColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** What a statement means, ready to be planned or executed. */
export type BoundStatement =
  | BoundQuery
  | {
      readonly kind: "explain";
      readonly analyze: boolean;
      readonly format: "text" | "json";
      readonly statement: BoundStatement;
    }
  | {
      readonly kind: "createTable";
      readonly name: string;
      readonly orReplace: boolean;
      readonly ifNotExists: boolean;
      readonly columns: readonly BoundColumn[];
    }
  | {
      readonly kind: "createTableAs";
      readonly name: string;
      readonly orReplace: boolean;
      readonly ifNotExists: boolean;
      /** The columns of the new table, as the plan yields them. */
      readonly columns: readonly BoundColumn[];
      readonly plan: LogicalPlan;
    }
  /** The plan yields the table's columns, in its order and of its types; NOT NULL is for execution to check. */
  | { readonly kind: "insert"; readonly table: Table; readonly plan: LogicalPlan }
  | { readonly kind: "drop"; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: "copyTo";
      readonly plan: LogicalPlan;
      readonly names: readonly string[];
      readonly path: string;
      readonly format: CopyFormat;
      /** Options other than FORMAT, by name in lower case. */
      readonly options: Readonly<Record<string, string | number | boolean>>;
    }
  | { readonly kind: "describe"; readonly columns: readonly BoundColumn[] }
  | { readonly kind: "showTables" };

export type CopyFormat = "parquet" | "csv" | "json" | "ndjson";
