import type { ByteSource } from "../io/byte-source.ts";
import { decodeBounds } from "./bounds.ts";
import type { ColumnChunk } from "./format.ts";
import type { ValueSummary } from "./predicate-test.ts";
import type { RowRange } from "./scan-plan.ts";
import type { FlatColumn } from "./schema.ts";
import { CompactReader, wireType } from "./thrift.ts";

/** What the page index says of one data page (parquet-format, PageIndex.md). */
export interface PageSummary extends RowRange {
  readonly summary: ValueSummary;
}

const MAX_INDEX_BYTES = 16 * 1024 * 1024;

/**
 * Rows and bounds of a chunk's data pages; undefined if the file has no usable index for it. A malformed index only means
 * that nothing is pruned.
 */
export const readPageIndex = async (
  source: ByteSource,
  chunk: ColumnChunk,
  column: FlatColumn,
  typeDefinedOrder: boolean | undefined,
  rowCount: number,
): Promise<readonly PageSummary[] | undefined> => {
  if (typeDefinedOrder === false) return undefined;
  const offsets = await open(source, chunk.offsetIndexOffset, chunk.offsetIndexLength);
  const bounds = await open(source, chunk.columnIndexOffset, chunk.columnIndexLength);
  if (offsets === undefined || bounds === undefined) return undefined;
  try {
    return combine(readOffsetIndex(offsets), readColumnIndex(bounds), column, rowCount);
  } catch {
    return undefined;
  }
};

const open = async (
  source: ByteSource,
  offset: number | undefined,
  length: number | undefined,
): Promise<CompactReader | undefined> => {
  if (offset === undefined || length === undefined) return undefined;
  if (offset < 4 || length <= 0 || length > MAX_INDEX_BYTES || offset + length > source.size) return undefined;
  const bytes = new Uint8Array(length);
  await source.readInto(bytes, offset, length);
  return new CompactReader(bytes, 0, length, (_, what) => {
    throw new Error(what);
  });
};

/** First rows of the pages. */
const readOffsetIndex = (reader: CompactReader): readonly number[] => {
  let firstRows: readonly number[] = [];
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id !== 1) reader.skip();
    else
      firstRows = reader.listOf(wireType.struct, () => {
        let first = -1;
        for (let field = reader.nextField(0); field !== 0; field = reader.nextField(field)) {
          if (field === 3) first = reader.i64();
          else reader.skip();
        }
        return first;
      });
  }
  return firstRows;
};

interface ColumnIndex {
  readonly nullPages: readonly boolean[];
  readonly min: readonly Uint8Array[];
  readonly max: readonly Uint8Array[];
  readonly nullCounts: readonly number[] | undefined;
}

const readColumnIndex = (reader: CompactReader): ColumnIndex => {
  let nullPages: readonly boolean[] = [];
  let min: readonly Uint8Array[] = [];
  let max: readonly Uint8Array[] = [];
  let nullCounts: readonly number[] | undefined;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) nullPages = reader.boolList();
    else if (id === 2) min = reader.listOf(wireType.binary, () => reader.binary());
    else if (id === 3) max = reader.listOf(wireType.binary, () => reader.binary());
    else if (id === 5) nullCounts = reader.listOf(wireType.i64, () => reader.i64());
    else reader.skip();
  }
  return { nullPages, min, max, nullCounts };
};

const combine = (
  firstRows: readonly number[],
  index: ColumnIndex,
  column: FlatColumn,
  rowCount: number,
): readonly PageSummary[] | undefined => {
  const pages = firstRows.length;
  const { nullPages, min, max, nullCounts } = index;
  if (nullPages.length !== pages || min.length !== pages || max.length !== pages) return undefined;
  if (nullCounts !== undefined && nullCounts.length !== pages) return undefined;
  const summaries: PageSummary[] = [];
  for (let page = 0; page < pages; page++) {
    const start = firstRows[page]!;
    const end = firstRows[page + 1] ?? rowCount;
    if (start !== (summaries.at(-1)?.end ?? 0) || end < start || end > rowCount) return undefined;
    const rows = end - start;
    const isNull = nullPages[page]!;
    const bounds = isNull ? { min: undefined, max: undefined } : decodeBounds(min[page], max[page], column);
    const nullCount = isNull ? rows : nullCounts?.[page];
    summaries.push({ start, end, summary: { ...bounds, nullCount, rowCount: rows } });
  }
  return summaries.at(-1)?.end === rowCount ? summaries : undefined;
};
