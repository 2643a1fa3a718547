import type { ScanColumn } from "@headcut/plan";
import { COLUMN_ENTRY_BYTES, columnEntry } from "../layout/batch.ts";
import { ColumnReader, type ReaderEnvironment } from "./column-reader.ts";
import { corruptFile, type FilePlace } from "./corrupt-file.ts";
import type { ScanBuffers } from "./scan-buffers.ts";
import type { ParquetMorsel, ParquetScanFile } from "./scan-plan.ts";

/** The columns of a scan's batch: which rows of them are decoded, and the batch's entries. */
export interface BatchColumns {
  beginMorsel(file: ParquetScanFile, morsel: ParquetMorsel): void;
  /** The column's chunk is in memory at `address`; rows passed so far are passed in it too. */
  beginChunk(column: number, address: number): void;
  endMorsel(): void;
  /** Passes over rows between batches. */
  skip(rows: number): void;
  /** Forgets the last batch and starts one of the next `rows` rows. */
  begin(rows: number): void;
  /** Passes over what has not been decoded. */
  end(): void;
  /** Decodes the rows of `selection` (0: all), unless it was done for this batch; those between may be decoded too. */
  decode(column: number, selection: number, count: number): void;
  /** The column's reader, if its chunk is loaded. */
  reader(column: number): ColumnReader | undefined;
  /** The column's reader, if its rows are dictionary codes. */
  codesReader(column: number): ColumnReader | undefined;
  /** Makes a decoded column's values readable for these rows, and writes the batch's entry. */
  fill(column: number, selection: number, count: number): void;
}

/** Rows of a selection that are this close are decoded together with those between them. */
const SELECTION_GAP_ROWS = 64;

export const createBatchColumns = (
  columns: readonly Pick<ScanColumn, "name" | "nullable">[],
  environment: ReaderEnvironment & { readonly buffers: ScanBuffers },
): BatchColumns => {
  const { memory, kernels, buffers } = environment;
  const { view } = memory;
  let file: ParquetScanFile | undefined;
  let morsel: ParquetMorsel | undefined;
  /** Kept from row group to row group of the same kind of column. */
  const readers: (ColumnReader | undefined)[] = columns.map(() => undefined);
  /** Columns whose chunk is being read; the others are NULL, or not loaded yet. */
  const active: (ColumnReader | undefined)[] = columns.map(() => undefined);
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

  const readSelected = (reader: ColumnReader, column: number, selection: number, count: number): void => {
    const ranges = kernels.selectionRanges(selection, count, SELECTION_GAP_ROWS, buffers.ranges);
    for (let i = 0; i < ranges; i++) {
      const start = view.getUint32(buffers.ranges + i * 8, true);
      const end = view.getUint32(buffers.ranges + i * 8 + 4, true);
      reader.skip(start - position[column]!);
      reader.read(start, end - start);
      position[column] = end;
    }
  };

  const publish = (column: number, reader: ColumnReader | undefined): void => {
    const entry = buffers.batch + column * COLUMN_ENTRY_BYTES;
    const dictionary = reader?.codes;
    view.setUint32(entry + columnEntry.values, reader?.valuesAddress ?? buffers.nullValues, true);
    view.setUint32(entry + columnEntry.valid, reader?.validAddress ?? buffers.nullValid, true);
    view.setUint32(entry + columnEntry.codes, reader?.codesAddress ?? 0, true);
    view.setUint32(entry + columnEntry.dictionary, dictionary?.address ?? 0, true);
    view.setUint32(entry + columnEntry.dictionaryCount, dictionary?.count ?? 0, true);
    view.setUint32(entry + columnEntry.dictionaryId, dictionary?.id ?? 0, true);
  };

  return {
    beginMorsel(nextFile, nextMorsel) {
      file = nextFile;
      morsel = nextMorsel;
      rowsBefore = 0;
      rows = 0;
    },

    beginChunk(index, address) {
      const column = file!.columns[index]!;
      const chunk = morsel!.chunks[index]!;
      let reader = readers[index];
      if (reader?.column !== column) {
        reader = new ColumnReader(column, buffers.columns[index]!, environment);
        readers[index] = reader;
      }
      reader.beginChunk(placeOf(index), { ...chunk, address }, morsel!.rowCount);
      reader.skip(rowsBefore);
      active[index] = reader;
    },

    endMorsel() {
      for (const reader of active) reader?.endChunk();
      active.fill(undefined);
    },

    skip(count) {
      for (const reader of active) reader?.skip(count);
      rowsBefore += count;
    },

    begin(count) {
      for (const reader of active) reader?.beginBatch();
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
      const reader = active[column];
      if (reader === undefined || isDecoded[column]) return;
      isDecoded[column] = true;
      if (selection === 0) {
        reader.read(0, rows);
        position[column] = rows;
      } else readSelected(reader, column, selection, count);
      if (reader.validAddress !== 0 && !columns[column]!.nullable)
        throw corruptFile(placeOf(column), "a NULL where the statistics promise none");
    },

    reader: (column) => active[column],

    codesReader: (column) => (active[column]?.codes === undefined ? undefined : active[column]),

    fill(column, selection, count) {
      const reader = active[column];
      if (reader !== undefined && !isFilled[column]) {
        reader.fillValues(selection, count);
        isFilled[column] = true;
      }
      publish(column, reader);
    },
  };
};
