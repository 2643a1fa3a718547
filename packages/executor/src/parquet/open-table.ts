import { type DataType, QueryError, sameType, type Table, type TableColumn, typeName } from "@headcut/plan";
import { type Breathe, createBreathe } from "../io/breath.ts";
import { type Files, type FoundFile, localFiles } from "../io/files.ts";
import { mapLimited } from "../io/limit.ts";
import type { CheckWanted } from "../io/while-wanted.ts";
import { mergeStatistics } from "./column-statistics.ts";
import { type DictionarySize, readDictionarySizes } from "./dictionary-sizes.ts";
import { openParquetFile, type ParquetFileInfo } from "./open-file.ts";
import { pathColumnsOf } from "./path-columns.ts";
import type { FlatColumn, ParquetColumn } from "./schema.ts";

/** Row groups whose dictionary pages are looked at, over all files: enough for an estimate, few small reads. */
const SAMPLED_ROW_GROUPS = 4;

/** Of files far away, how many are opened at a time. */
const FAR_AT_ONCE = 32;

export interface OpenTableOptions {
  /** Whether folders' names `column=value` are columns; default true. */
  readonly hasPathColumns?: boolean;
}

/**
 * The table that some Parquet files, given by paths or globs (of objects also by folders), make together. The first file gives the columns;
 * the others are matched by name, a column that one of them lacks is NULL there. What all their folders name, `column=value`, is
 * a column too, and has that value whatever a file says itself. Throws QueryError "type-mismatch" naming file and
 * column when types differ, and what `openParquetFile` and `checkWanted`, asked now and then, throw.
 */
export const openParquetTable = async (
  name: string,
  pathsOrGlobs: readonly string[],
  checkWanted?: CheckWanted,
  access: Files = localFiles,
  { hasPathColumns = true }: OpenTableOptions = {},
): Promise<Table> => {
  const breathe = createBreathe(checkWanted);
  const found: FoundFile[] = [];
  for (const path of pathsOrGlobs) found.push(...(await access.find(path, checkWanted)));
  const paths = found.map(({ path }) => path);
  if (paths.length === 0) throw new QueryError("io", `table ${name}: no files`);
  const atOnce = paths.some(access.isFar) ? FAR_AT_ONCE : 1;
  const files = await mapLimited(found, atOnce, async ({ path, known }) => {
    await breathe();
    return openParquetFile(path, known?.identity, { files: access, checkWanted, ...known });
  });
  const key = JSON.stringify([name, hasPathColumns, ...paths]);
  const known = tables.get(key);
  if (known !== undefined && sameFiles(known.files, files)) return known.table;
  const table = await makeTable(name, files, breathe, { access, checkWanted, atOnce }, hasPathColumns);
  tables.delete(key);
  tables.set(key, { files, table });
  if (tables.size > MAX_CACHED_TABLES) tables.delete(tables.keys().next().value!);
  return table;
};

/** Merging the statistics of many row groups takes longer than a small query: the latest tables are kept. */
const tables = new Map<string, { readonly files: readonly ParquetFileInfo[]; readonly table: Table }>();
const MAX_CACHED_TABLES = 64;

/** Footers are cached by the files' identities, so the same footers are the same files. */
const sameFiles = (a: readonly ParquetFileInfo[], b: readonly ParquetFileInfo[]): boolean =>
  a.length === b.length && a.every((file, i) => file === b[i]);

/** How the files' own columns are read. */
interface Access {
  readonly access: Files;
  readonly checkWanted: CheckWanted | undefined;
  readonly atOnce: number;
}

const makeTable = async (
  name: string,
  files: readonly ParquetFileInfo[],
  breathe: Breathe,
  access: Access,
  hasPathColumns: boolean,
): Promise<Table> => {
  const first = files[0]!;
  checkNames(first);
  const ownName = (name: string): string | undefined =>
    first.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.name;
  const path = pathColumnsOf(hasPathColumns ? files : [], ownName);
  const own = await mapLimited(first.columns, access.atOnce, async (column) => {
    await breathe();
    return path.columns.get(column.name.toLowerCase()) ?? tableColumn(column, files, access);
  });
  const added = [...path.columns]
    .filter(([name]) => ownName(name) === undefined)
    .map(([, column]) => column)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    name,
    columns: [...own, ...added],
    rowCount: files.reduce((sum, file) => sum + file.rowCount, 0),
    source: {
      kind: "parquet",
      files: files.map(({ path: filePath, sizeBytes, rowCount, identity }, i) => {
        const constants = path.constantsOf(i);
        return { path: filePath, sizeBytes, rowCount, identity, ...(constants !== undefined && { constants }) };
      }),
    },
  };
};

/** The type under which unreadable columns are listed; the scan refuses them by name before it matters. */
const UNREADABLE_TYPE: DataType = { kind: "blob" };

const tableColumn = async (
  column: ParquetColumn,
  files: readonly ParquetFileInfo[],
  access: Access,
): Promise<TableColumn> => {
  if (column.kind === "unreadable") return { name: column.name, type: UNREADABLE_TYPE, nullable: true };
  const { name, type } = column;
  const parts = [];
  for (const [i, file] of files.entries()) {
    const own = findColumn(file, name);
    if (own !== undefined) checkType(file, own, files[0]!, column);
    const flat = own?.kind === "flat" ? own : undefined;
    const dictionaries =
      flat === undefined || i >= SAMPLED_ROW_GROUPS ? [] : await sizesOf(file, flat, files.length, access);
    parts.push({ file, column: flat, dictionaries });
  }
  const statistics = mergeStatistics(parts, type);
  const nullable = parts.some((part) => part.column?.optional !== false) && statistics.nullCount !== 0;
  return { name, type, nullable, statistics };
};

/** The column by its exact name. */
export const findColumn = ({ columns }: ParquetFileInfo, name: string): ParquetColumn | undefined => {
  let index = columnIndexes.get(columns);
  if (index === undefined) {
    index = new Map(columns.toReversed().map((column) => [column.name, column]));
    columnIndexes.set(columns, index);
  }
  return index.get(name);
};

/** Columns by name; the first of two with one name. */
const columnIndexes = new WeakMap<readonly ParquetColumn[], ReadonlyMap<string, ParquetColumn>>();

const checkNames = (file: ParquetFileInfo): void => {
  const names = new Set<string>();
  for (const { name } of file.columns) {
    if (names.has(name)) throw new QueryError("unsupported", `${file.path} has two columns "${name}"`);
    names.add(name);
  }
};

const checkType = (file: ParquetFileInfo, own: ParquetColumn, first: ParquetFileInfo, column: FlatColumn): void => {
  if (own.kind === "flat" && sameType(own.type, column.type)) return;
  const found = own.kind === "flat" ? typeName(own.type) : "nested";
  throw new QueryError(
    "type-mismatch",
    `column "${column.name}" is ${found} in ${file.path}, but ${typeName(column.type)} in ${first.path}`,
  );
};

const sizesOf = async (
  file: ParquetFileInfo,
  column: FlatColumn,
  fileCount: number,
  { access, checkWanted }: Access,
): Promise<readonly DictionarySize[]> => {
  const source = access.open(file.path, file, { checkWanted });
  try {
    return await readDictionarySizes(source, file, column, Math.ceil(SAMPLED_ROW_GROUPS / fileCount));
  } finally {
    source.close();
  }
};
