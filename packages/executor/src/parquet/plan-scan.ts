import {
  type ColumnId,
  type Expression,
  type FileConstant,
  type ParquetFile,
  QueryError,
  type ScanColumn,
  sameType,
  type Table,
  typeName,
} from "@headcut/plan";
import { type Breathe, createBreathe } from "../io/breath.ts";
import type { ByteSource } from "../io/byte-source.ts";
import { type Files, localFiles, type OpenOptions } from "../io/files.ts";
import { mapLimited } from "../io/limit.ts";
import type { ColumnRange } from "../run/runtime-filter.ts";
import { statisticsBounds } from "./bounds.ts";
import { corruptFile, unsupportedFile } from "./corrupt-file.ts";
import type { ColumnChunk } from "./format.ts";
import { chunkStart, openParquetFile, type ParquetFileInfo } from "./open-file.ts";
import { findColumn } from "./open-table.ts";
import { constantBound, mayBeTrue, type ValueSummary } from "./predicate-test.ts";
import { excludedByBloomFilter } from "./prune-bloom.ts";
import { createPagePruner } from "./prune-pages.ts";
import type { RowGroupCandidate } from "./row-group-candidate.ts";
import { rowsIn } from "./row-ranges.ts";
import type {
  ConstantColumn,
  MorselChunk,
  ParquetMorsel,
  ParquetScanFile,
  ParquetScanPlan,
  RowRange,
} from "./scan-plan.ts";
import type { FlatColumn } from "./schema.ts";

/**
 * Decides what to read of a Parquet table: the row groups and, in them, the rows for which all `predicates` (conjuncts over the
 * ids of `columns`) may be TRUE. `ranged` are indexes of integer columns whose ranges the morsels shall tell. Files far away are planned several
 * at a time. Throws QueryError "io" if a file is not the one in the table any more,
 * "unsupported" or "type-mismatch" for columns that cannot be read, "corrupt-file".
 */
export const planParquetScan = async (
  table: Table,
  columns: readonly ScanColumn[],
  predicates: readonly Expression[],
  ranged: readonly number[] = [],
  breathe: Breathe = createBreathe(),
  access: Files = localFiles,
  options: OpenOptions = {},
): Promise<ParquetScanPlan> => {
  if (table.source.kind !== "parquet") throw new Error("internal error: not a Parquet table");
  const counters = {
    filesPruned: 0,
    rowGroups: 0,
    rowGroupsPrunedByStatistics: 0,
    rowGroupsPrunedByBloomFilter: 0,
    rowsPrunedByPageIndex: 0,
  };
  const prunePages = createPagePruner(predicates);
  const columnsOf = createResolver(columns);

  const planFile = async (planned: ParquetFile, file: number): Promise<FilePlan> => {
    await breathe();
    const { path, identity, sizeBytes, rowGroups, constants = [] } = planned;
    if (excludedByPath(planned, columns, predicates)) {
      counters.filesPruned++;
      return { file: { path, identity, columns: [] }, morsels: [] };
    }
    const info = await openParquetFile(path, identity, { files: access, sizeBytes, ...options });
    const fileColumns = columnsOf(info, constants);
    const morsels: ParquetMorsel[] = [];
    // Opened when an index of the file has to be read: statistics are in the footer.
    let opened: ByteSource | undefined;
    const source = (): ByteSource => {
      opened ??= access.open(path, { identity, sizeBytes }, options);
      return opened;
    };
    try {
      for (const [rowGroup, group] of info.rowGroups.entries()) {
        if (group.rowCount === 0 || !isAssigned(rowGroups, rowGroup)) continue;
        counters.rowGroups++;
        let ranges: readonly RowRange[] | undefined;
        if (predicates.length > 0) {
          await breathe();
          const candidate = { info, rowGroup, source, columns: fileColumns, scanColumns: columns };
          if (excludedByStatistics(candidate, predicates)) {
            counters.rowGroupsPrunedByStatistics++;
            continue;
          }
          if (await excludedByBloomFilter(candidate, predicates)) {
            counters.rowGroupsPrunedByBloomFilter++;
            continue;
          }
          ranges = await prunePages(candidate);
          if (ranges !== undefined) counters.rowsPrunedByPageIndex += group.rowCount - rowsIn(ranges);
          if (ranges?.length === 0) continue;
        }
        const chunks = fileColumns.map((column, i) => morselChunk(info, rowGroup, column, ranged.includes(i)));
        const morsel = { file, rowGroup, rowCount: group.rowCount, chunks };
        morsels.push(ranges === undefined ? morsel : { ...morsel, ranges });
      }
    } finally {
      opened?.close();
    }
    return { file: { path, identity, columns: fileColumns }, morsels };
  };

  const { files } = table.source;
  const atOnce = files.some(({ path }) => access.isFar(path)) ? FAR_AT_ONCE : 1;
  const plans = await mapLimited(files, atOnce, planFile);
  const morsels = plans.flatMap((plan) => plan.morsels);
  return {
    kind: "parquet",
    files: plans.map(({ file }) => file),
    morsels: columns.length === 0 ? countedMorsels(morsels) : morsels,
    pruning: counters,
    fillCache: options.fillCache,
  };
};

const FAR_AT_ONCE = 32;

interface FilePlan {
  readonly file: ParquetScanFile;
  readonly morsels: readonly ParquetMorsel[];
}

/** Enough rows that a morsel costs nothing beside them, few enough that threads share them. */
const COUNTED_ROWS = 1 << 18;

/** Of rows without columns only their number matters, not the files that they are in. */
const countedMorsels = (morsels: readonly ParquetMorsel[]): readonly ParquetMorsel[] => {
  const merged: ParquetMorsel[] = [];
  for (const morsel of morsels) {
    const last = merged.at(-1);
    if (last === undefined || last.rowCount + morsel.rowCount > COUNTED_ROWS) merged.push(morsel);
    else merged[merged.length - 1] = { ...last, rowCount: last.rowCount + morsel.rowCount };
  }
  return merged;
};

/** Whether the row group is among those of the file that this scan is to read: all of them, or a split's. */
const isAssigned = (split: ParquetFile["rowGroups"], rowGroup: number): boolean =>
  split === undefined || (rowGroup >= split.first && rowGroup < split.first + split.count);

const excludedByStatistics = (candidate: RowGroupCandidate, predicates: readonly Expression[]): boolean => {
  const summaryOf = (id: ColumnId): ValueSummary | undefined => chunkSummary(candidate, id);
  return predicates.some((predicate) => !mayBeTrue(predicate, summaryOf));
};

const constantSummary = ({ type, value }: Pick<FileConstant, "type" | "value">, rowCount: number): ValueSummary => {
  const bound = value === null ? undefined : constantBound(type, value);
  return { min: bound, max: bound, nullCount: value === null ? rowCount : 0, rowCount };
};

/** Whether what a file's path says of its columns excludes all its rows. */
const excludedByPath = (
  { constants, rowCount }: ParquetFile,
  columns: readonly ScanColumn[],
  predicates: readonly Expression[],
): boolean => {
  if (constants === undefined || predicates.length === 0) return false;
  const summaryOf = (id: ColumnId): ValueSummary | undefined => {
    const name = columns.find((column) => column.id === id)?.name;
    const constant = constants.find((each) => each.name === name);
    return constant && constantSummary(constant, rowCount);
  };
  return predicates.some((predicate) => !mayBeTrue(predicate, summaryOf));
};

const chunkSummary = (candidate: RowGroupCandidate, id: ColumnId): ValueSummary | undefined => {
  const { info, rowGroup, columns, scanColumns } = candidate;
  const { rowCount, chunks } = info.rowGroups[rowGroup]!;
  const index = scanColumns.findIndex((column) => column.id === id);
  if (index < 0) return undefined;
  const column = columns[index];
  if (column?.kind === "constant") return constantSummary(column, rowCount);
  if (column === undefined || column.type.kind === "null")
    return { min: undefined, max: undefined, nullCount: rowCount, rowCount };
  const statistics = chunks[column.leaf]?.statistics;
  if (statistics === undefined) return undefined;
  const bounds = statisticsBounds(statistics, column, info.typeDefinedOrder?.[column.leaf]);
  const nullCount = column.optional ? statistics.nullCount : 0;
  return { ...bounds, nullCount, rowCount };
};

const morselChunk = (
  info: ParquetFileInfo,
  rowGroup: number,
  column: ParquetScanFile["columns"][number],
  isRanged: boolean,
): MorselChunk | undefined => {
  if (column?.kind !== "flat" || column.type.kind === "null") return undefined;
  const group = info.rowGroups[rowGroup]!;
  const chunk = group.chunks[column.leaf];
  const place = { path: info.path, rowGroup, column: column.name };
  if (chunk === undefined)
    throw unsupportedFile(place, "the column chunk is encrypted or in another file, which is not supported");
  if (chunk.codec === "LZO") throw unsupportedFile(place, "LZO compression is not supported");
  if (chunk.numValues !== group.rowCount)
    throw corruptFile(place, `${chunk.numValues} values for ${group.rowCount} rows`);
  const range = isRanged ? integerRange(info, chunk, column) : undefined;
  return {
    codec: chunk.codec,
    fileOffset: chunkStart(chunk),
    length: chunk.totalCompressedSize,
    uncompressedLength: chunk.totalUncompressedSize,
    onlyDictionaryPages: chunk.onlyDictionaryPages,
    ...(range === undefined ? {} : { range }),
  };
};

const integerRange = (info: ParquetFileInfo, chunk: ColumnChunk, column: FlatColumn): ColumnRange | undefined => {
  if (chunk.statistics === undefined) return undefined;
  const { min, max } = statisticsBounds(chunk.statistics, column, info.typeDefinedOrder?.[column.leaf]);
  if (min === undefined || max === undefined) return undefined;
  if (min instanceof Uint8Array || max instanceof Uint8Array) return undefined;
  return { min: BigInt(min), max: BigInt(max) };
};

/** How a file's columns are read, by column of the scan. Files of one schema in one folder share the list. */
const createResolver = (columns: readonly ScanColumn[]) => {
  const resolved = new Map<ParquetFileInfo["columns"], Map<string, ParquetScanFile["columns"]>>();
  return (info: ParquetFileInfo, constants: readonly FileConstant[]): ParquetScanFile["columns"] => {
    const key = JSON.stringify(constants.map(({ name, value }) => [name, String(value)]));
    const known = resolved.get(info.columns) ?? new Map<string, ParquetScanFile["columns"]>();
    resolved.set(info.columns, known);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = columns.map((column) => {
      const constant = constants.find(({ name }) => name === column.name);
      return constant === undefined ? resolveColumn(column, info) : constantColumn(constant);
    });
    known.set(key, made);
    return made;
  };
};

const constantColumn = ({ type, value }: FileConstant): ConstantColumn | undefined =>
  value === null ? undefined : { kind: "constant", type, value };

/** The file's column for a column of the scan; undefined if it has none. */
const resolveColumn = (column: Pick<ScanColumn, "name" | "type">, file: ParquetFileInfo): FlatColumn | undefined => {
  const found = findColumn(file, column.name);
  if (found === undefined) return undefined;
  const place = { path: file.path, column: column.name };
  if (found.kind === "unreadable") throw unsupportedFile(place, found.reason);
  if (!sameType(found.type, column.type))
    throw new QueryError(
      "type-mismatch",
      `column "${column.name}" is ${typeName(found.type)} in ${file.path}, but ${typeName(column.type)} in the table`,
    );
  return found;
};
