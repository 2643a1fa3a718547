import { type ColumnStatistics, type DataType, isInteger, type Value } from "@headcut/plan";
import { type Bound, type Bounds, boundValue, compareBounds, statisticsBounds } from "./bounds.ts";
import type { DictionarySize } from "./dictionary-sizes.ts";
import { type DistinctSample, estimateDistinctCount } from "./distinct-count.ts";
import type { ColumnChunk } from "./format.ts";
import type { ParquetFileInfo } from "./open-file.ts";
import type { FlatColumn } from "./schema.ts";

/** The part of a column that lies in one file. */
export interface ColumnPart {
  readonly file: ParquetFileInfo;
  /** Undefined: the file lacks the column, its rows are NULL. */
  readonly column: FlatColumn | undefined;
  readonly dictionaries: readonly DictionarySize[];
}

const LENGTH_PREFIX_BYTES = 4;

/** Merges what all row groups of all files say about a column. */
export const mergeStatistics = (parts: readonly ColumnPart[], type: DataType): ColumnStatistics => {
  let bounds: Bounds | undefined;
  let nullCount: number | undefined = 0;
  let rowCount = 0;
  const samples: DistinctSample[] = [];
  const lengths = { bytes: 0, values: 0 };

  for (const { file, column, dictionaries } of parts) {
    rowCount += file.rowCount;
    if (column === undefined) {
      if (nullCount !== undefined) nullCount += file.rowCount;
      continue;
    }
    file.rowGroups.forEach((group, rowGroup) => {
      if (group.rowCount === 0) return;
      const chunk = group.chunks[column.leaf];
      const chunkNulls = nullsIn(chunk, column, group.rowCount);
      nullCount = nullCount === undefined || chunkNulls === undefined ? undefined : nullCount + chunkNulls;
      if (chunkNulls === group.rowCount) return;
      const chunkBounds = boundsOf(chunk, column, file);
      bounds = bounds === undefined ? chunkBounds : unite(bounds, chunkBounds);
      const dictionary = dictionaries.find((size) => size.rowGroup === rowGroup);
      const values = group.rowCount - (chunkNulls ?? 0);
      const distinct = chunk?.statistics?.distinctCount ?? (dictionary?.complete ? dictionary.entries : undefined);
      if (distinct !== undefined && distinct > 0 && distinct <= values)
        samples.push({ values, distinct, bounds: chunkBounds });
      addLength(lengths, chunk, dictionary, values);
    });
  }

  const min = boundValue(bounds?.min, type);
  const max = boundValue(bounds?.max, type);
  const values = rowCount - (nullCount ?? 0);
  const distinctCount = estimateDistinctCount(samples, values, domainSize(min, max, type));
  const isText = type.kind === "varchar" || type.kind === "blob";
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(nullCount === undefined ? {} : { nullCount }),
    ...(distinctCount === undefined ? {} : { distinctCount }),
    ...(isText && lengths.values > 0 ? { averageLength: lengths.bytes / lengths.values } : {}),
  };
};

const nullsIn = (chunk: ColumnChunk | undefined, column: FlatColumn, rowCount: number): number | undefined => {
  if (!column.optional) return 0;
  if (column.type.kind === "null") return rowCount;
  const count = chunk?.statistics?.nullCount;
  return count !== undefined && count >= 0 && count <= rowCount ? count : undefined;
};

const boundsOf = (chunk: ColumnChunk | undefined, column: FlatColumn, file: ParquetFileInfo): Bounds =>
  chunk?.statistics === undefined
    ? { min: undefined, max: undefined }
    : statisticsBounds(chunk.statistics, column, file.typeDefinedOrder?.[column.leaf]);

const unite = (a: Bounds, b: Bounds): Bounds => ({
  min: pickBound(a.min, b.min, -1),
  max: pickBound(a.max, b.max, 1),
});

const pickBound = (a: Bound | undefined, b: Bound | undefined, sign: number): Bound | undefined => {
  if (a === undefined || b === undefined) return undefined;
  return compareBounds(a, b) * sign >= 0 ? a : b;
};

export const domainSize = (min: Value | undefined, max: Value | undefined, type: DataType): number => {
  if (type.kind === "boolean") return 2;
  if (!isInteger(type) && type.kind !== "date" && type.kind !== "decimal") return Number.POSITIVE_INFINITY;
  if (min === undefined || max === undefined) return Number.POSITIVE_INFINITY;
  return Number(max) - Number(min) + 1;
};

/** Best source first: the writer's own count, the dictionary (its values weigh alike), the size of plain pages. */
const addLength = (
  lengths: { bytes: number; values: number },
  chunk: ColumnChunk | undefined,
  dictionary: DictionarySize | undefined,
  values: number,
): void => {
  if (chunk === undefined || values <= 0) return;
  const mean = meanLength(chunk, dictionary, values);
  if (mean === undefined) return;
  lengths.bytes += Math.max(0, mean) * values;
  lengths.values += values;
};

const meanLength = (chunk: ColumnChunk, dictionary: DictionarySize | undefined, values: number): number | undefined => {
  if (chunk.byteArrayBytes !== undefined) return chunk.byteArrayBytes / values;
  if (dictionary !== undefined && dictionary.entries > 0)
    return dictionary.bytes / dictionary.entries - LENGTH_PREFIX_BYTES;
  if (chunk.dictionaryPageOffset !== undefined) return undefined;
  return chunk.totalUncompressedSize / values - LENGTH_PREFIX_BYTES;
};
