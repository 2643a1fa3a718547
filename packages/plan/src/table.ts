import type { DataType } from "./data-type.ts";
import type { Value } from "./value.ts";

/** One column of a table as the catalog describes it. */
export interface TableColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly statistics?: ColumnStatistics;
}

/** What is known about a column's values; absent means unknown. Bounds hold for all rows, never estimates. */
export interface ColumnStatistics {
  readonly min?: Value;
  readonly max?: Value;
  readonly nullCount?: number;
  /** An estimate of the number of distinct values. */
  readonly distinctCount?: number;
  /** Mean bytes of a varchar or blob value. */
  readonly averageLength?: number;
}

/** Where a table's rows are; what the executor needs to read them. */
export type TableSource =
  /** Parquet files with compatible schemas, in order; columns are matched by name. */
  | { readonly kind: "parquet"; readonly files: readonly ParquetFile[] }
  /** A table held by this process: created, or registered from Arrow. */
  | { readonly kind: "memory"; readonly tableId: number };

export interface ParquetFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  /** Identity of the content (mtime and size, or ETag): a file that changes under a query is an error. */
  readonly identity: string;
  /** The table has these of the file's row groups alone, and `rowCount` is theirs; absent: all of them. */
  readonly rowGroups?: { readonly first: number; readonly count: number };
  /** Columns of the table that all its rows have one value of, whatever the file itself has under that name: its folders' names say so. */
  readonly constants?: readonly FileConstant[];
}

export interface FileConstant {
  /** That of the table's column. */
  readonly name: string;
  /** That of the table's column. */
  readonly type: DataType;
  readonly value: Value;
}

export interface Table {
  /** As the user names it: `lineitem`, or the path in FROM. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly rowCount: number;
  readonly source: TableSource;
}
