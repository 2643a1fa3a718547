import { type DataType, type FileConstant, pathType, pathValue, pathValues, type TableColumn } from "@headcut/plan";

/** Columns that folders' names give, `column=value`, by name without regard to case. */
export interface PathColumns {
  readonly columns: ReadonlyMap<string, TableColumn>;
  /** Of each file; undefined without such columns. */
  constantsOf(file: number): readonly FileConstant[] | undefined;
}

const NONE: PathColumns = { columns: new Map(), constantsOf: () => undefined };

/**
 * The columns that all the files' folders name, as DuckDB finds them: what one file's path does not name is no column. `ownName` is how the files
 * themselves call a column, if they have it; the path has the value all the same.
 */
export const pathColumnsOf = (
  files: readonly { readonly path: string; readonly rowCount: number }[],
  ownName: (name: string) => string | undefined,
): PathColumns => {
  const texts = files.map(({ path }) => new Map(pathValues(path).map(({ name, text }) => [name, text])));
  const [first] = texts;
  if (first === undefined || first.size === 0) return NONE;
  const isCommon = texts.every((own) => own.size === first.size && [...own.keys()].every((name) => first.has(name)));
  if (!isCommon) return NONE;
  // One value is often that of many files.
  const types = new Map<string, DataType>();
  const read = new Map<string, Map<string, FileConstant>>();
  for (const name of first.keys()) {
    types.set(name, pathType(new Set(texts.flatMap((own) => own.get(name) ?? []))));
    read.set(name, new Map());
  }
  const constants = texts.map((own) =>
    [...own].map(([name, text]): FileConstant => {
      const [type, known] = [types.get(name)!, read.get(name)!];
      const key = text === undefined ? "" : `=${text}`;
      let constant = known.get(key);
      if (constant === undefined) {
        const value = text === undefined ? null : pathValue(text, type)!;
        constant = { name: ownName(name) ?? name, type, value };
        known.set(key, constant);
      }
      return constant;
    }),
  );
  const columns = [...first.keys()].map((_, i) =>
    constantColumn(files.map(({ rowCount }, file) => ({ rowCount, constant: constants[file]![i]! }))),
  );
  return {
    columns: new Map(columns.map((column) => [column.name.toLowerCase(), column])),
    constantsOf: (file) => constants[file],
  };
};

/** What is known of a column of which each file has one value. At least one file. */
export const constantColumn = (
  parts: readonly { readonly rowCount: number; readonly constant: FileConstant }[],
): TableColumn => {
  const { name, type } = parts[0]!.constant;
  const filled = parts.filter(({ rowCount }) => rowCount > 0);
  const values = new Map<unknown, Exclude<FileConstant["value"], null>>();
  let [nullCount, bytes] = [0, 0];
  for (const { rowCount, constant } of filled) {
    const { value } = constant;
    if (value === null) nullCount += rowCount;
    else values.set(value, value);
    if (typeof value === "string") bytes += rowCount * Buffer.byteLength(value);
  }
  const sorted = [...values.values()].sort(compare);
  const valueCount = filled.reduce((sum, { rowCount }) => sum + rowCount, 0) - nullCount;
  const statistics = {
    ...(sorted.length > 0 && { min: sorted[0]!, max: sorted.at(-1)!, distinctCount: sorted.length }),
    nullCount,
    ...(type.kind === "varchar" && valueCount > 0 && { averageLength: bytes / valueCount }),
  };
  return { name, type, nullable: nullCount > 0, statistics };
};

const compare = (a: FileConstant["value"], b: FileConstant["value"]): number => {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a! < b! ? -1 : a! > b! ? 1 : 0;
};
