import {
  type ColumnId,
  constant,
  type Expression,
  type FileConstant,
  type LogicalScan,
  type ParquetFile,
  type PhysicalScan,
} from "@headcut/plan";
import { fold } from "../fold/fold.ts";
import { freeColumns, refersOnlyTo, substitute } from "../traverse/expression.ts";

type Pruned = Pick<PhysicalScan, "table" | "filters" | "files">;

/**
 * The scan without the files whose paths say that a filter is TRUE for none of their rows, and without filters that are TRUE for all rows of the
 * others. At least one file stays.
 */
export const pruneFiles = ({ table, columns }: LogicalScan, filters: readonly Expression[]): Pruned => {
  const { source } = table;
  if (source.kind !== "parquet" || filters.length === 0) return { table, filters };
  const ids = constantColumns(source.files, columns);
  const decided = filters.filter((filter) => freeColumns(filter).size > 0 && refersOnlyTo(filter, ids));
  if (decided.length === 0) return { table, filters };
  /** By filter and the values of its columns, which many files share. */
  const known = new Map<string, Expression>();
  const outcomeOf = (filter: Expression, index: number, file: ParquetFile): Expression => {
    const own = [...freeColumns(filter)].map((id) => [id, constantOf(file, ids.get(id)!)] as const);
    const key = JSON.stringify([index, own.map(([, { value }]) => [value === null, String(value)])]);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = fold(substitute(filter, new Map(own.map(([id, { type, value }]) => [id, constant(type, value)]))));
    known.set(key, made);
    return made;
  };
  const isOut = (value: Expression): boolean => value.kind === "constant" && value.value !== true;
  const isTrue = (value: Expression): boolean => value.kind === "constant" && value.value === true;
  const kept = source.files.filter((file) => !decided.some((filter, i) => isOut(outcomeOf(filter, i, file))));
  const files = kept.length > 0 ? kept : source.files.slice(0, 1);
  const settled = new Set(decided.filter((filter, i) => files.every((file) => isTrue(outcomeOf(filter, i, file)))));
  const isPruned = files.length < source.files.length;
  return {
    table: isPruned
      ? { ...table, rowCount: files.reduce((sum, file) => sum + file.rowCount, 0), source: { ...source, files } }
      : table,
    filters: settled.size === 0 ? filters : filters.filter((filter) => !settled.has(filter)),
    ...(isPruned && { files: { kept: files.length, all: source.files.length } }),
  };
};

/** The scan's columns of which each file has one value, by their names. */
const constantColumns = (
  files: readonly ParquetFile[],
  columns: LogicalScan["columns"],
): ReadonlyMap<ColumnId, string> => {
  const [first] = files;
  const names = new Set(first?.constants?.map(({ name }) => name));
  for (const { constants } of files) {
    if (names.size === 0) break;
    if (constants === first?.constants) continue;
    const own = new Set(constants?.map(({ name }) => name));
    for (const name of names) if (!own.has(name)) names.delete(name);
  }
  return new Map(columns.filter(({ name }) => names.has(name)).map(({ id, name }) => [id, name]));
};

const constantOf = ({ constants }: ParquetFile, name: string): FileConstant =>
  constants!.find((constant) => constant.name === name)!;
