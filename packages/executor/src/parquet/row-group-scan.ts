import { QueryError, type ScanColumn, sameType, typeName } from "@headcut/plan";
import type { ByteSource } from "../io/byte-source.ts";
import { openLocalFile } from "../io/local-file.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { BATCH_ROWS, COLUMN_ENTRY_BYTES, columnEntry } from "../layout/batch.ts";
import { storageOf } from "../layout/storage.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { type FileRange, type LoadedRanges, loadRanges } from "./chunk-loader.ts";
import { ColumnReader, type PageCounters } from "./column-reader.ts";
import { corruptFile, unsupportedFile } from "./corrupt-file.ts";
import { createDictionaryFilter, type DictionaryFilter } from "./dictionary-filter.ts";
import type { ColumnChunk } from "./format.ts";
import type { ParquetKernels } from "./kernels.ts";
import { chunkStart, type ParquetFileInfo } from "./open-file.ts";
import { findColumn } from "./open-table.ts";
import { layOutScanBuffers } from "./scan-buffers.ts";
import type { FlatColumn } from "./schema.ts";
import { createSlabPool, type Slab } from "./slab-pool.ts";

/** A predicate over some of the scan's columns, as `docs/executor.md` describes compiled scan filters. */
export interface ScanFilter {
  /** Indexes of the scan's columns that it reads. */
  readonly columns: readonly number[];
  /** Rows of `selectionIn` (0: rows 0 … count - 1) that pass, written to `selectionOut` as u32; returns how many. */
  run(batch: number, selectionIn: number, count: number, selectionOut: number): number;
  /**
   * It may fail on some values (a cast, a division): then it only sees values of rows that passed the filters before
   * it, never a whole dictionary.
   */
  readonly mayFail?: boolean;
}

export interface RowGroupScanOptions {
  readonly memory: SharedMemory;
  readonly kernels: Kernels;
  /** Address of the query block that memory is charged to; 0: nobody. */
  readonly query: number;
  /** Entry i of a batch is column i. They are found by name in each file; one that a file lacks is NULL. */
  readonly columns: readonly Pick<ScanColumn, "name" | "type" | "nullable">[];
  /** Indexes of the columns whose values the consumer reads; all if absent. */
  readonly outputColumns?: readonly number[];
  /** Applied in order, each to the rows that passed those before it. */
  readonly filters: readonly ScanFilter[];
  /** How to get at a file's bytes; a local file if absent. */
  readonly openSource?: (file: ParquetFileInfo) => ByteSource;
}

/** Rows [start, end) of a row group. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** A batch is the scan's own memory, good until the next call of `next`, `start` or `close`. */
export interface ScanBatch {
  readonly batch: number;
  /** Address of the row numbers that passed the filters, ascending; 0: rows 0 … count - 1. */
  readonly selection: number;
  readonly count: number;
}

/** For EXPLAIN ANALYZE; they only grow. */
export interface ScanCounters extends PageCounters {
  rowGroups: number;
  bytesRead: number;
  /** Rows that filters looked at. */
  rowsScanned: number;
  /** Rows handed out. */
  rowsPassed: number;
}

export interface RowGroupScan {
  readonly counters: ScanCounters;
  /**
   * Goes to a row group, or some ascending ranges of its rows. Local files are read at once; for others there is a promise.
   * Throws QueryError "corrupt-file", "io", "unsupported", "out-of-memory".
   */
  start(file: ParquetFileInfo, rowGroup: number, ranges?: readonly RowRange[]): void | Promise<void>;
  /** The next batch with at least one row; undefined at the end of the row group. Throws as `start` does. */
  next(): ScanBatch | undefined;
  /** Frees all memory. The scan cannot be used any more. */
  close(): void;
}

/** Rows of a selection that are this close are decoded together with those between them. */
const SELECTION_GAP_ROWS = 64;

/** A column of the scan in the current row group. */
type Active =
  | { readonly kind: "reader"; readonly reader: ColumnReader; readonly chunk: ColumnChunk }
  | { readonly kind: "null" };

/**
 * Reads row groups of Parquet files into batches, on one thread. Filter columns are decoded first; the others only for
 * the rows that passed, and not even read from the file while none did.
 */
export const openRowGroupScan = (options: RowGroupScanOptions): RowGroupScan => {
  const { memory, query, columns, filters } = options;
  const kernels = options.kernels as ParquetKernels;
  const pool = createSlabPool(kernels, query);
  const counters: ScanCounters = {
    rowGroups: 0,
    bytesRead: 0,
    rowsScanned: 0,
    rowsPassed: 0,
    pagesRead: 0,
    pagesSkipped: 0,
  };
  const buffers = layOutScanBuffers(
    columns.map((column) => storageOf(column.type)),
    pool,
  );
  memory.bytes.fill(0, buffers.batch, buffers.batch + columns.length * COLUMN_ENTRY_BYTES);
  memory.bytes.fill(0, buffers.nullValid, buffers.nullValid + BATCH_ROWS);
  memory.bytes.fill(0, buffers.nullValues, buffers.nullValues + BATCH_ROWS * 16);
  const environment = { memory, kernels, pool, counters, buffers };

  const outputColumns = options.outputColumns ?? columns.map((_, index) => index);
  const filterColumns = [...new Set(filters.flatMap((filter) => filter.columns))];
  const lateColumns = outputColumns.filter((column) => !filterColumns.includes(column));
  const dictionaryFilters = filters.map((filter): DictionaryFilter | undefined =>
    filter.columns.length === 1 && filter.mayFail !== true ? createDictionaryFilter(filter, environment) : undefined,
  );

  let file: ParquetFileInfo | undefined;
  let source: ByteSource | undefined;
  let fileColumns: readonly (FlatColumn | undefined)[] = [];
  /** Readers by scan column, kept while files have the same kind of column. */
  const readers: (ColumnReader | undefined)[] = columns.map(() => undefined);
  let rowGroup = 0;
  let active: Active[] = [];
  let lateLoaded = false;
  let slabs: Slab[] = [];
  let ranges: readonly RowRange[] = [];
  let rangeIndex = 0;
  let row = 0;
  /** Rows of the current batch that each column has passed, by reading or skipping. */
  const position = columns.map(() => 0);
  const decoded = columns.map(() => false);
  const filled = columns.map(() => false);
  const result = { batch: buffers.batch, selection: 0, count: 0 };

  const placeOf = (column: number) => ({ path: file!.path, rowGroup, column: columns[column]!.name });

  const openFile = (next: ParquetFileInfo): void => {
    source?.close();
    source = undefined;
    file = undefined;
    source = options.openSource?.(next) ?? openLocalFile(next.path, next.identity);
    fileColumns = columns.map((column) => resolveColumn(column, next));
    file = next;
  };

  const endRowGroup = (): void => {
    for (const column of active) if (column.kind === "reader") column.reader.endChunk();
    for (const slab of slabs) pool.release(slab);
    slabs = [];
    active = [];
    ranges = [];
  };

  const activate = (column: FlatColumn | undefined, index: number): Active => {
    if (column === undefined || column.type.kind === "null") return { kind: "null" };
    const group = file!.rowGroups[rowGroup]!;
    const chunk = group.chunks[column.leaf];
    if (chunk === undefined)
      throw unsupportedFile(placeOf(index), "the column chunk is encrypted or in another file, which is not supported");
    if (chunk.numValues !== group.rowCount)
      throw corruptFile(placeOf(index), `${chunk.numValues} values for ${group.rowCount} rows`);
    if (readers[index]?.column !== column)
      readers[index] = new ColumnReader(column, buffers.columns[index]!, environment);
    return { kind: "reader", reader: readers[index]!, chunk };
  };

  const load = (indexes: readonly number[]): LoadedRanges | Promise<LoadedRanges> => {
    const wanted = indexes.flatMap((index): FileRange[] => {
      const column = active[index]!;
      if (column.kind === "null") return [];
      return [{ offset: chunkStart(column.chunk), length: column.chunk.totalCompressedSize }];
    });
    return loadRanges(source!, wanted, pool, memory);
  };

  const accept = (indexes: readonly number[], loaded: LoadedRanges): void => {
    slabs.push(...loaded.slabs);
    counters.bytesRead += loaded.bytesRead;
    let next = 0;
    for (const index of indexes) {
      const column = active[index]!;
      if (column.kind === "null") continue;
      const { chunk, reader } = column;
      const bytes = {
        address: loaded.addresses[next++]!,
        length: chunk.totalCompressedSize,
        fileOffset: chunkStart(chunk),
        uncompressedLength: chunk.totalUncompressedSize,
      };
      reader.beginChunk(placeOf(index), bytes, chunk.codec, chunk.numValues);
      // The rows that were passed before the chunk was loaded.
      reader.skip(skippedRows);
    }
  };

  /** Rows of the row group before the current batch, while the late columns are not loaded. */
  let skippedRows = 0;

  const loadLate = (): void => {
    if (lateLoaded) return;
    const loaded = load(lateColumns);
    if (loaded instanceof Promise) throw new Error("internal error: a source that reads later must be loaded at start");
    accept(lateColumns, loaded);
    lateLoaded = true;
  };

  const forEachReader = (act: (reader: ColumnReader, column: number) => void): void => {
    for (let i = 0; i < active.length; i++) {
      const column = active[i]!;
      if (column.kind === "reader" && (lateLoaded || !lateColumns.includes(i))) act(column.reader, i);
    }
  };

  /** Decodes a column for the rows that are still selected. */
  const decode = (index: number, selection: number, count: number, rows: number): void => {
    const column = active[index]!;
    if (decoded[index] || column.kind === "null") return;
    decoded[index] = true;
    const { reader } = column;
    if (selection === 0) {
      reader.read(0, rows);
      position[index] = rows;
    } else {
      const pairs = kernels.selectionRanges(selection, count, SELECTION_GAP_ROWS, buffers.ranges);
      for (let i = 0; i < pairs; i++) {
        const start = memory.view.getUint32(buffers.ranges + i * 8, true);
        const end = memory.view.getUint32(buffers.ranges + i * 8 + 4, true);
        reader.skip(start - position[index]!);
        reader.read(start, end - start);
        position[index] = end;
      }
    }
    if (reader.validAddress !== 0 && !columns[index]!.nullable)
      throw corruptFile(placeOf(index), "a NULL where the statistics promise none");
  };

  const publish = (index: number): void => {
    const column = active[index]!;
    const { view } = memory;
    const entry = buffers.batch + index * COLUMN_ENTRY_BYTES;
    if (column.kind === "null") {
      view.setUint32(entry + columnEntry.values, buffers.nullValues, true);
      view.setUint32(entry + columnEntry.valid, buffers.nullValid, true);
      view.setUint32(entry + columnEntry.codes, 0, true);
      return;
    }
    const { reader } = column;
    const dictionary = reader.codes;
    view.setUint32(entry + columnEntry.values, reader.valuesAddress, true);
    view.setUint32(entry + columnEntry.valid, reader.validAddress, true);
    view.setUint32(entry + columnEntry.codes, reader.codesAddress, true);
    view.setUint32(entry + columnEntry.dictionary, dictionary?.address ?? 0, true);
    view.setUint32(entry + columnEntry.dictionaryCount, dictionary?.count ?? 0, true);
    view.setUint32(entry + columnEntry.dictionaryId, dictionary?.id ?? 0, true);
  };

  /** Makes a decoded column's values readable for the rows that are still selected. */
  const fill = (index: number, selection: number, count: number): void => {
    const column = active[index]!;
    if (column.kind === "reader" && !filled[index]) {
      column.reader.fillValues(selection, count);
      filled[index] = true;
    }
    publish(index);
  };

  const applyFilter = (filterIndex: number, selection: number, count: number, target: number, rows: number): number => {
    const filter = filters[filterIndex]!;
    for (const index of filter.columns) decode(index, selection, count, rows);
    const only = active[filter.columns[0] ?? -1];
    const dictionary = only?.kind === "reader" ? only.reader.codes : undefined;
    const byDictionary = dictionaryFilters[filterIndex];
    if (byDictionary !== undefined && only?.kind === "reader" && dictionary !== undefined) {
      const rowsOfGroup = file!.rowGroups[rowGroup]!.rowCount;
      if (dictionary.count <= rowsOfGroup) return byDictionary.apply(only.reader, dictionary, selection, count, target);
    }
    for (const index of filter.columns) fill(index, selection, count);
    return filter.run(buffers.batch, selection, count, target) >>> 0;
  };

  const beginBatch = (): void => {
    forEachReader((reader) => reader.beginBatch());
    position.fill(0);
    decoded.fill(false);
    filled.fill(false);
  };

  const endBatch = (rows: number): void => {
    forEachReader((reader, index) => reader.skip(rows - position[index]!));
  };

  const readBatch = (rows: number): boolean => {
    beginBatch();
    counters.rowsScanned += rows;
    let selection = 0;
    let count = rows;
    for (let i = 0; i < filters.length && count > 0; i++) {
      const target = buffers.selections[selection === buffers.selections[0] ? 1 : 0];
      const passed = applyFilter(i, selection, count, target, rows);
      if (passed < count) selection = target;
      count = passed;
    }
    if (count > 0) {
      if (lateColumns.length > 0) loadLate();
      for (const index of outputColumns) {
        decode(index, selection, count, rows);
        fill(index, selection, count);
      }
    }
    endBatch(rows);
    skippedRows += rows;
    counters.rowsPassed += count;
    result.selection = selection;
    result.count = count;
    return count > 0;
  };

  return {
    counters,

    start(next, nextRowGroup, nextRanges) {
      endRowGroup();
      if (file !== next) openFile(next);
      const group = next.rowGroups[nextRowGroup]!;
      rowGroup = nextRowGroup;
      counters.rowGroups++;
      active = fileColumns.map(activate);
      rangeIndex = 0;
      row = 0;
      skippedRows = 0;
      lateLoaded = lateColumns.length === 0;
      const loaded = load(filterColumns);
      ranges = nextRanges ?? [{ start: 0, end: group.rowCount }];
      if (!(loaded instanceof Promise)) {
        accept(filterColumns, loaded);
        return undefined;
      }
      return loaded.then(async (first) => {
        accept(filterColumns, first);
        accept(lateColumns, await load(lateColumns));
        lateLoaded = true;
      });
    },

    next() {
      for (;;) {
        const range = ranges[rangeIndex];
        if (range === undefined) return undefined;
        if (row < range.start) {
          const gap = range.start - row;
          forEachReader((reader) => reader.skip(gap));
          skippedRows += gap;
          row = range.start;
        }
        if (row >= range.end) {
          rangeIndex++;
          continue;
        }
        const rows = Math.min(BATCH_ROWS, range.end - row);
        row += rows;
        if (readBatch(rows)) return result;
      }
    },

    close() {
      source?.close();
      source = undefined;
      active = [];
      pool.close();
    },
  };
};

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
