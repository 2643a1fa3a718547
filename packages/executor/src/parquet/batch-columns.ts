import { assert, type ScanColumn } from "@headcut/plan";
import { buildEntry } from "../column-cache/build-entry.ts";
import { type CacheKernels, cacheAccess } from "../column-cache/cache-access.ts";
import { CachedColumn } from "../column-cache/cached-column.ts";
import type { ColumnEntry } from "../column-cache/column-entry.ts";
import type { CacheTicket } from "../column-cache/slot.ts";
import { COLUMN_ENTRY_BYTES, columnEntry } from "../layout/batch.ts";
import { ColumnReader, type ReaderEnvironment } from "./column-reader.ts";
import type { ColumnSource } from "./column-source.ts";
import { ConstantSource } from "./constant-column.ts";
import { corruptFile, type FilePlace } from "./corrupt-file.ts";
import type { ParquetKernels } from "./kernels.ts";
import type { ChunkBytes } from "./page-cursor.ts";
import { rowsIn } from "./row-ranges.ts";
import type { ScanBuffers } from "./scan-buffers.ts";
import type { ParquetMorsel, ParquetScanFile } from "./scan-plan.ts";
import type { FlatColumn } from "./schema.ts";

/** The columns of a scan's batch: which rows of them are decoded, and the batch's entries. */
export interface BatchColumns {
  beginMorsel(file: ParquetScanFile, morsel: ParquetMorsel): void;
  /** Whether the column's chunk is in the column cache; then it is read from there. */
  beginCached(column: number): boolean;
  /** Whether a morsel that comes later could read the chunk from there. */
  isCached(ticket: CacheTicket): boolean;
  /** The column's chunk is in memory, or read page by page; rows passed so far are passed in it too. */
  beginChunk(column: number, place: ChunkBytes["place"]): void;
  endMorsel(): void;
  /** Passes over rows between batches. */
  skip(rows: number): void;
  /** Forgets the last batch and starts one of the next `rows` rows. */
  begin(rows: number): void;
  /** Passes over what has not been decoded. */
  end(): void;
  /** Decodes the rows of `selection` (0: all), unless it was done for this batch; those between may be decoded too. */
  decode(column: number, selection: number, count: number): void;
  /** Where the column's rows come from, if its chunk is loaded. */
  source(column: number): ColumnSource | undefined;
  /** Makes a decoded column's values readable for these rows, and writes the batch's entry. */
  fill(column: number, selection: number, count: number): void;
}

/** A chunk of which less than this part of the rows may be needed is not decoded as a whole for the cache. */
const WORTH_CACHING = 1 / 4;

/** Rows of a selection that are this close are decoded together with those between them. */
const SELECTION_GAP_ROWS = 64;

export const createBatchColumns = (
  columns: readonly Pick<ScanColumn, "name" | "nullable">[],
  environment: ReaderEnvironment & { readonly buffers: ScanBuffers; readonly kernels: ParquetKernels & CacheKernels },
): BatchColumns => {
  const { memory, kernels, buffers } = environment;
  const { view } = memory;
  const cache = cacheAccess(environment);
  let file: ParquetScanFile | undefined;
  let morsel: ParquetMorsel | undefined;
  /** Kept from row group to row group of the same kind of column. */
  const readers: (ColumnReader | undefined)[] = columns.map(() => undefined);
  /** Columns whose chunk is being read; the others are NULL, or not loaded yet. */
  const active: (ColumnSource | undefined)[] = columns.map(() => undefined);
  /** Columns whose chunk goes to the cache as a whole when its first row is needed; its bytes are here. */
  const toBuild: (ChunkBytes["place"] | undefined)[] = columns.map(() => undefined);
  /** Rows of the morsel before the current batch, and rows in it. */
  let rowsBefore = 0;
  let rows = 0;
  /** Rows of the batch that each column has passed, by reading or skipping. */
  const position = columns.map(() => 0);
  const isDecoded = columns.map(() => false);
  const isFilled = columns.map(() => false);

  const placeOf = (column: number): FilePlace => ({
    path: file!.path,
    rowGroup: morsel!.rowGroup,
    column: columns[column]!.name,
  });

  /** Of the file that the scan is at. */
  const constants: (ConstantSource | undefined)[] = columns.map(() => undefined);
  const beginConstants = (): void => {
    for (const [index, column] of file!.columns.entries()) {
      if (column?.kind !== "constant") continue;
      if (constants[index]?.column !== column) {
        constants[index]?.release();
        constants[index] = undefined;
        constants[index] = new ConstantSource(column, { ...environment, zeros: buffers.nullValues });
      }
      active[index] = constants[index];
    }
  };

  /** A column that is read from the file. */
  const flat = (index: number): FlatColumn => {
    const column = file!.columns[index];
    assert(column?.kind === "flat", "a chunk of a column that the file lacks");
    return column;
  };

  const readEntry = (column: number, ticket: CacheTicket, entry: ColumnEntry): void => {
    const unpin = (): void => cache.unpin(ticket);
    const buffer = buffers.columns[column]!;
    active[column] = new CachedColumn(flat(column), entry, rowsBefore, buffer, kernels, unpin);
  };

  const beginReader = (index: number, place: ChunkBytes["place"]): ColumnReader => {
    const column = flat(index);
    let reader = readers[index];
    if (reader?.column !== column) {
      reader = new ColumnReader(column, buffers.columns[index]!, environment);
      readers[index] = reader;
    }
    reader.beginChunk(placeOf(index), { ...morsel!.chunks[index]!, place }, morsel!.rowCount);
    return reader;
  };

  /** Decodes the column's chunk as a whole into the cache, unless that cannot be; then it is read batch by batch. */
  const build = (index: number, place: ChunkBytes["place"]): void => {
    toBuild[index] = undefined;
    const { ticket, uncompressedLength } = morsel!.chunks[index]!;
    if (ticket === undefined || !cache.claim(ticket)) return;
    let entry: ColumnEntry | undefined;
    const reader = readers[index]!;
    const rewind = (): void => {
      beginReader(index, place);
    };
    try {
      const { rowCount } = morsel!;
      entry = buildEntry({ source: reader, rewind, rowCount, uncompressedLength, ticket }, { memory, kernels });
    } finally {
      if (entry === undefined) cache.abandon(ticket);
      else cache.publish(ticket, entry);
    }
    if (entry === undefined) {
      rewind();
      reader.skip(rowsBefore);
    } else {
      reader.endChunk();
      readEntry(index, ticket, entry);
    }
  };

  const sourceOf = (column: number): ColumnSource | undefined => {
    const place = toBuild[column];
    if (place !== undefined) build(column, place);
    return active[column];
  };

  const readSelected = (source: ColumnSource, column: number, selection: number, count: number): void => {
    const ranges = kernels.selectionRanges(selection, count, SELECTION_GAP_ROWS, buffers.ranges);
    for (let i = 0; i < ranges; i++) {
      const start = view.getUint32(buffers.ranges + i * 8, true);
      const end = view.getUint32(buffers.ranges + i * 8 + 4, true);
      source.skip(start - position[column]!);
      source.read(start, end - start);
      position[column] = end;
    }
  };

  const publish = (column: number, source: ColumnSource | undefined): void => {
    const { u32 } = memory;
    const entry = (buffers.batch + column * COLUMN_ENTRY_BYTES) >>> 2;
    const dictionary = source?.codes;
    u32[entry + columnEntry.values / 4] = source?.valuesAddress ?? buffers.nullValues;
    u32[entry + columnEntry.valid / 4] = source?.validAddress ?? buffers.nullValid;
    u32[entry + columnEntry.codes / 4] = source?.codesAddress ?? 0;
    u32[entry + columnEntry.dictionary / 4] = dictionary?.address ?? 0;
    u32[entry + columnEntry.dictionaryCount / 4] = dictionary?.count ?? 0;
    u32[entry + columnEntry.dictionaryId / 4] = dictionary?.id ?? 0;
  };

  return {
    beginMorsel(nextFile, nextMorsel) {
      file = nextFile;
      morsel = nextMorsel;
      rowsBefore = 0;
      rows = 0;
      beginConstants();
    },

    beginCached(index) {
      const ticket = morsel!.chunks[index]?.ticket;
      if (ticket === undefined) return false;
      const entry = cache.pin(ticket);
      if (entry !== undefined) readEntry(index, ticket, entry);
      return entry !== undefined;
    },

    isCached: cache.has,

    beginChunk(index, place) {
      const reader = beginReader(index, place);
      reader.skip(rowsBefore);
      active[index] = reader;
      const { rowCount, ranges, chunks } = morsel!;
      // A query with so little memory that pages are read one by one does without the cache.
      if (place.kind === "file") return;
      const isWorth = ranges === undefined || rowsIn(ranges) >= rowCount * WORTH_CACHING;
      if (isWorth && chunks[index]!.ticket !== undefined) toBuild[index] = place;
    },

    endMorsel() {
      for (const source of active) source?.endChunk();
      active.fill(undefined);
      toBuild.fill(undefined);
    },

    skip(count) {
      for (const source of active) source?.skip(count);
      rowsBefore += count;
    },

    begin(count) {
      for (const source of active) source?.beginBatch();
      position.fill(0);
      isDecoded.fill(false);
      isFilled.fill(false);
      rows = count;
    },

    end() {
      for (let i = 0; i < active.length; i++) active[i]?.skip(rows - position[i]!);
      rowsBefore += rows;
    },

    decode(column, selection, count) {
      if (isDecoded[column]) return;
      const source = sourceOf(column);
      if (source === undefined) return;
      isDecoded[column] = true;
      if (selection === 0) {
        source.read(0, rows);
        position[column] = rows;
      } else readSelected(source, column, selection, count);
      if (source.validAddress !== 0 && !columns[column]!.nullable)
        throw corruptFile(placeOf(column), "a NULL where the statistics promise none");
    },

    source: sourceOf,

    fill(column, selection, count) {
      const source = active[column];
      if (source !== undefined && !isFilled[column]) {
        source.fill(selection, count, rows);
        isFilled[column] = true;
      }
      publish(column, source);
    },
  };
};
