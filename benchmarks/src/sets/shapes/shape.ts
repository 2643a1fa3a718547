/** Queries over tables that are shaped unlike TPC-H's. */
export interface Shape {
  /** The tables, made by DuckDB. */
  readonly tables: readonly ShapeTable[];
  /** SQL by name; every query orders its rows fully, so that answers can be compared line by line. */
  readonly queries: Readonly<Record<string, string>>;
}

export interface ShapeTable {
  readonly name: string;
  /**
   * A query that makes the rows, the same whenever it is run; `million(n)` is n million rows at scale factor 1, at least
   * 100.
   */
  readonly rows: (million: (count: number) => number) => string;
  /** How many files; 1 by default. */
  readonly files?: number;
  readonly rowsPerGroup?: number;
}

/** An SQL expression: pseudo-random whole numbers from 0 to below `limit`, by row number `i`. */
export const random = (seed: number, limit: number): string => `CAST(hash(i * 16 + ${seed}) % ${limit} AS BIGINT)`;
