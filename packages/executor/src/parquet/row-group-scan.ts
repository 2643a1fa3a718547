import type { ScanColumn } from "@headcut/plan";
import type { CacheKernels } from "../column-cache/cache-access.ts";
import type { PieceReader } from "../io/byte-source.ts";
import { openLocalFile } from "../io/local-file.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { BATCH_ROWS, COLUMN_ENTRY_BYTES } from "../layout/batch.ts";
import { storageOf } from "../layout/storage.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { PageStore } from "../spill/page-store.ts";
import { createBatchColumns } from "./batch-columns.ts";
import { type FileRange, type LoadedRanges, loadRanges } from "./chunk-loader.ts";
import type { PageCounters } from "./column-reader.ts";
import { createDictionaryFilter, type DictionaryFilter } from "./dictionary-filter.ts";
import { createFarLoader, type FarLoader } from "./far-loader.ts";
import type { ParquetKernels } from "./kernels.ts";
import { layOutScanBuffers } from "./scan-buffers.ts";
import type { ScanFilter } from "./scan-filter.ts";
import type { ParquetMorsel, ParquetScanFile, RowRange } from "./scan-plan.ts";
import { createFrugalPool, createSlabPool, type Slab } from "./slab-pool.ts";

export interface RowGroupScanOptions {
  readonly memory: SharedMemory;
  readonly kernels: Kernels;
  /** Address of the query block that memory is charged to; 0: nobody. */
  readonly query: number;
  /** Entry i of a batch is column i. */
  readonly columns: readonly Pick<ScanColumn, "name" | "type" | "nullable">[];
  readonly files: readonly ParquetScanFile[];
  /** Indexes of the columns whose values the consumer reads. */
  readonly outputColumns: readonly number[];
  /** Applied in order, each to the rows that passed those before it. */
  readonly filters: readonly ScanFilter[];
  /** Memory is short: smaller batches, pages of local files are read one by one, and nothing is held that need not be. */
  readonly isFrugal?: boolean;
  /** Memory is shorter still: large pages are put there. */
  readonly pages?: PageStore | undefined;
  /** How to get at a file's bytes; a local file if absent. */
  readonly openSource?: (file: ParquetScanFile) => PieceReader;
}

/** Buffers of a batch take a quarter. */
const FRUGAL_BATCH_ROWS = BATCH_ROWS / 4;

/** A batch is the scan's own memory, good until the next call of `next`, `start` or `close`. */
export interface ScanBatch {
  readonly batch: number;
  /** Address of the row numbers that passed the filters, ascending; 0: rows 0 … count - 1. */
  readonly selection: number;
  /** May be 0. */
  readonly count: number;
}

/** They only grow. */
export interface ScanCounters extends PageCounters {
  /** Rows before the filters. */
  rowsRead: number;
  /** Row groups, or parts of them, of whose dictionary no value passed a filter. */
  rowGroupsSkipped: number;
  /** Column chunks that were read from the column cache, and those that it knew but did not have. */
  cacheHits: number;
  cacheMisses: number;
}

export interface RowGroupScan {
  readonly counters: ScanCounters;
  /**
   * Goes to a row group, or some ranges of its rows. Local files are read at once; for others there is a promise.
   * Throws QueryError "corrupt-file", "io", "out-of-memory".
   */
  start(morsel: ParquetMorsel): void | Promise<void>;
  /**
   * Begins to read what a later morsel needs, which has to be the next that is started. Nothing happens where files are read at once, or
   * memory is short; what goes wrong is thrown by `start`.
   */
  readAhead(morsel: ParquetMorsel): void;
  /** The next batch; undefined at the end of the morsel. Throws as `start` does. */
  next(): ScanBatch | undefined;
  /**
   * Frees all memory, once the promise of `start` has settled; later if something is being read ahead. The scan cannot be used any more.
   */
  close(): void | Promise<void>;
}

/**
 * Reads row groups of Parquet files into batches, on one thread. Filter columns are decoded first; the others only for
 * the rows that passed, and not even read from the file while none did.
 */
export const openRowGroupScan = (options: RowGroupScanOptions): RowGroupScan => {
  const { memory, query, columns, filters, outputColumns, files } = options;
  const { isFrugal = false } = options;
  const pool = (isFrugal ? createFrugalPool : createSlabPool)(options.kernels, query);
  const counters: ScanCounters = {
    bytesRead: 0,
    rowsRead: 0,
    rowGroupsSkipped: 0,
    cacheHits: 0,
    cacheMisses: 0,
    pagesRead: 0,
    pagesSkipped: 0,
  };
  const storages = columns.map((column) => storageOf(column.type));
  const buffers = layOutScanBuffers(storages, isFrugal ? FRUGAL_BATCH_ROWS : BATCH_ROWS, pool);
  memory.bytes.fill(0, buffers.batch, buffers.batch + columns.length * COLUMN_ENTRY_BYTES);
  memory.bytes.fill(0, buffers.nullValid, buffers.nullValid + buffers.rows);
  memory.bytes.fill(0, buffers.nullValues, buffers.nullValues + buffers.rows * 16);
  const environment = {
    memory,
    kernels: options.kernels as ParquetKernels & CacheKernels,
    pool,
    counters,
    buffers,
    pages: options.pages,
  };
  const batch = createBatchColumns(columns, environment);

  const filterColumns = [...new Set(filters.flatMap((filter) => filter.columns))];
  const lateColumns = outputColumns.filter((column) => !filterColumns.includes(column));
  const allColumns = [...filterColumns, ...lateColumns];
  const dictionaryFilters = filters.map((filter): DictionaryFilter | undefined =>
    filter.columns.length === 1 && !filter.mayFail ? createDictionaryFilter(filter, environment) : undefined,
  );

  let file: ParquetScanFile | undefined;
  let source: PieceReader | undefined;
  let morsel: ParquetMorsel | undefined;
  let slabs: Slab[] = [];
  let isLateLoaded = true;
  let ranges: readonly RowRange[] = [];
  let rangeIndex = 0;
  let row = 0;
  const result = { batch: buffers.batch, selection: 0, count: 0 };

  const { openSource } = options;
  const far = openSource === undefined ? undefined : createFarLoader((of) => openSource(files[of.file]!), pool, memory);

  /** The morsel's file. */
  const opened = (): PieceReader => {
    const wanted = files[morsel!.file]!;
    if (source !== undefined && file === wanted) return source;
    source?.close();
    source = undefined;
    source = openSource?.(wanted) ?? openLocalFile(wanted.path, wanted.identity);
    file = wanted;
    return source;
  };

  const endMorsel = (): void => {
    batch.endMorsel();
    for (const slab of slabs) pool.release(slab);
    slabs = [];
    ranges = [];
    morsel = undefined;
  };

  /** Those of the columns whose chunks have to be read from the file. */
  const missing = (indexes: readonly number[]): number[] =>
    indexes.filter((index) => {
      const chunk = morsel!.chunks[index];
      if (chunk === undefined) return false;
      if (batch.beginCached(index)) {
        counters.cacheHits++;
        return false;
      }
      if (chunk.ticket !== undefined) counters.cacheMisses++;
      return true;
    });

  const load = (indexes: readonly number[]): LoadedRanges | Promise<LoadedRanges> => {
    const ranges = indexes.map((index): FileRange => {
      const { fileOffset, length } = morsel!.chunks[index]!;
      return { offset: fileOffset, length };
    });
    return loadRanges(opened(), ranges, pool, memory);
  };
  const loadNow = (indexes: readonly number[]): LoadedRanges => {
    const loaded = load(indexes);
    if (loaded instanceof Promise) throw new Error("internal error: a source that reads later says it reads at once");
    return loaded;
  };

  const accept = (indexes: readonly number[], loaded: LoadedRanges): void => {
    slabs.push(...loaded.slabs);
    counters.bytesRead += loaded.bytesRead;
    indexes.forEach((index, i) => {
      batch.beginChunk(index, { kind: "memory", address: loaded.addresses[i]! });
    });
  };

  const bringNow = (indexes: readonly number[]): void => {
    const wanted = missing(indexes);
    if (wanted.length === 0) return;
    if (isFrugal) for (const index of wanted) batch.beginChunk(index, { kind: "file", source: opened() });
    else accept(wanted, loadNow(wanted));
  };

  const loadLate = (): void => {
    if (isLateLoaded) return;
    bringNow(lateColumns);
    isLateLoaded = true;
  };

  /** From a source that reads later, everything is fetched before the first batch. */
  const loadAll = async (from: FarLoader): Promise<void> => {
    const wanted = missing(allColumns);
    accept(wanted, await from.load(morsel!, wanted));
    skipIfDictionaryFails();
  };

  /**
   * Where a filter's column is all dictionary codes and no value of the dictionary passes, the morsel has no row to
   * give, and its data pages need not even be decompressed.
   */
  const skipIfDictionaryFails = (): void => {
    for (const [i, filter] of dictionaryFilters.entries()) {
      const column = filters[i]!.columns[0]!;
      const from = filter === undefined ? undefined : batch.source(column);
      if (filter === undefined || from === undefined || !from.isAllCodes) continue;
      const dictionary = from.peekDictionary();
      if (dictionary === undefined || dictionary.count > morsel!.rowCount) continue;
      if (filter.passesNone(from, dictionary, columns[column]!.nullable)) {
        counters.rowGroupsSkipped++;
        ranges = [];
        return;
      }
    }
  };

  const runtimeFiltersMayPass = ({ chunks }: ParquetMorsel): boolean => {
    let mayPass = true;
    for (const { runtime, columns } of filters) {
      if (runtime?.begin(chunks[columns[0]!]?.range) === false) mayPass = false;
    }
    return mayPass;
  };

  const applyFilter = (index: number, selection: number, count: number, target: number): number => {
    const filter = filters[index]!;
    for (const column of filter.columns) batch.decode(column, selection, count);
    const byDictionary = dictionaryFilters[index];
    if (byDictionary !== undefined) {
      const from = batch.source(filter.columns[0]!);
      const dictionary = from?.codes;
      if (from !== undefined && dictionary !== undefined && dictionary.count <= morsel!.rowCount)
        return byDictionary.apply(from, dictionary, selection, count, target);
    }
    for (const column of filter.columns) batch.fill(column, selection, count);
    return filter.run(buffers.batch, selection, count, target) >>> 0;
  };

  const readBatch = (rows: number): void => {
    batch.begin(rows);
    counters.rowsRead += rows;
    let selection = 0;
    let count = rows;
    for (let i = 0; i < filters.length && count > 0; i++) {
      const { runtime } = filters[i]!;
      if (runtime?.isOn() === false) continue;
      const target = buffers.selections[selection === buffers.selections[0] ? 1 : 0];
      const passed = applyFilter(i, selection, count, target);
      runtime?.observe(count, passed);
      if (passed < count) selection = target;
      count = passed;
    }
    if (count > 0) {
      loadLate();
      for (const column of outputColumns) {
        batch.decode(column, selection, count);
        batch.fill(column, selection, count);
      }
    }
    batch.end();
    result.selection = selection;
    result.count = count;
  };

  return {
    counters,

    start(next) {
      endMorsel();
      morsel = next;
      batch.beginMorsel(files[next.file]!, next);
      ranges = next.ranges ?? [{ start: 0, end: next.rowCount }];
      rangeIndex = 0;
      row = 0;
      isLateLoaded = lateColumns.length === 0;
      if (!runtimeFiltersMayPass(next)) {
        ranges = [];
        return far?.drop();
      }
      // What its path says may do.
      if (files[next.file]!.columns.some((column) => column?.kind === "constant")) {
        skipIfDictionaryFails();
        if (ranges.length === 0) return far?.drop();
      }
      // A local file need not even be opened when the cache has all that is asked of it.
      if (far === undefined || opened().isImmediate) {
        bringNow(filterColumns);
        skipIfDictionaryFails();
        return undefined;
      }
      isLateLoaded = true;
      return loadAll(far);
    },

    readAhead(next) {
      if (far === undefined || source?.isImmediate !== false) return;
      const mayPass = filters.every(
        ({ runtime, columns: [first] }) => runtime?.mayPass(next.chunks[first!]?.range) !== false,
      );
      if (!mayPass) return;
      const wanted = allColumns.filter((column) => {
        const chunk = next.chunks[column];
        return chunk !== undefined && (chunk.ticket === undefined || !batch.isCached(chunk.ticket));
      });
      if (wanted.length > 0) far.begin(next, wanted);
    },

    next() {
      for (;;) {
        const range = ranges[rangeIndex];
        if (range === undefined) return undefined;
        if (row < range.start) {
          batch.skip(range.start - row);
          row = range.start;
        }
        if (row < range.end) {
          const rows = Math.min(buffers.rows, range.end - row);
          row += rows;
          readBatch(rows);
          return result;
        }
        rangeIndex++;
      }
    },

    close() {
      batch.endMorsel();
      source?.close();
      source = undefined;
      file = undefined;
      const dropped = far?.drop();
      if (dropped === undefined) pool.close();
      return dropped?.then(pool.close);
    },
  };
};
