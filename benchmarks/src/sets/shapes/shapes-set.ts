import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { quote, withDuckDB } from "../../engines/duckdb-engine.ts";
import { compareRows } from "../compare-rows.ts";
import type { QuerySet } from "../query-set.ts";
import { deepExpressions } from "./deep-expressions.ts";
import { manyGroups } from "./many-groups.ts";
import { manyNulls } from "./many-nulls.ts";
import type { Shape, ShapeTable } from "./shape.ts";
import { skewedJoins } from "./skewed-joins.ts";
import { tinyFiles } from "./tiny-files.ts";
import { wideStrings } from "./wide-strings.ts";
import { wideTable } from "./wide-table.ts";

const shapes: readonly Shape[] = [
  wideStrings,
  manyGroups,
  skewedJoins,
  manyNulls,
  wideTable,
  tinyFiles,
  deepExpressions,
];

/** DuckDB's and so everybody's row groups, unless a table says otherwise. */
const ROWS_PER_GROUP = 122_880;

export interface ShapesSetOptions {
  /** 1 is up to three million rows a table. */
  readonly scaleFactor: number;
  /** Names; all by default. */
  readonly queries?: readonly string[] | undefined;
  /** Default `.data/shapes-sfN`. */
  readonly directory?: string | undefined;
}

/** Queries that are unlike TPC-H's, over Parquet files written by DuckDB, which are made if they are missing. */
export const openShapesSet = async ({ scaleFactor, queries, directory }: ShapesSetOptions): Promise<QuerySet> => {
  const folder = resolve(directory ?? join(".data", `shapes-sf${scaleFactor}`));
  const all = new Map(shapes.flatMap((shape) => Object.entries(shape.queries)));
  const names = queries ?? [...all.keys()];
  const unknown = names.find((name) => !all.has(name));
  if (unknown !== undefined) throw new Error(`There is no query ${unknown}. There are ${[...all.keys()].join(", ")}.`);
  await makeTables(folder, scaleFactor);
  const tables = shapes.flatMap((shape) => shape.tables);
  return {
    name: `shapes-sf${scaleFactor}`,
    writer: "duckdb",
    data: {
      tables: Object.fromEntries(tables.map(({ name }) => [name, join(folder, name, "*.parquet")])),
      nativePath: `${folder}-native.duckdb`,
    },
    queries: names.map((name) => ({ name, sql: all.get(name)!, compare: compareRows })),
  };
};

/** The folder appears when it is complete. */
const makeTables = async (folder: string, scaleFactor: number): Promise<void> => {
  if (existsSync(folder)) return;
  process.stderr.write(`data: the tables of the set "shapes" at scale factor ${scaleFactor}\n`);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await withDuckDB(":memory:", async (connection) => {
    for (const table of shapes.flatMap((shape) => shape.tables)) {
      await mkdir(join(partial, table.name), { recursive: true });
      await writeTable(connection, table, join(partial, table.name), scaleFactor);
    }
  });
  await rename(partial, folder);
};

const writeTable = async (
  connection: DuckDBConnection,
  { name, rows, files = 1, rowsPerGroup = ROWS_PER_GROUP }: ShapeTable,
  folder: string,
  scaleFactor: number,
): Promise<void> => {
  const million = (count: number): number => Math.max(100, Math.round(count * scaleFactor * 1e6));
  await connection.run(`CREATE TABLE ${name} AS ${rows(million)}`);
  const read = await connection.runAndReadAll(`SELECT count(*) FROM ${name}`);
  const rowCount = Number(read.getRowsJson()[0]![0]);
  for (let file = 0; file < files; file++) {
    const [first, end] = [0, 1].map((step) => Math.floor(((file + step) * rowCount) / files));
    const path = quote(join(folder, `${String(file).padStart(5, "0")}.parquet`));
    const part = files === 1 ? `FROM ${name}` : `FROM ${name} WHERE rowid >= ${first} AND rowid < ${end}`;
    await connection.run(`COPY (${part}) TO ${path} (FORMAT parquet, ROW_GROUP_SIZE ${rowsPerGroup})`);
  }
  await connection.run(`DROP TABLE ${name}`);
};
