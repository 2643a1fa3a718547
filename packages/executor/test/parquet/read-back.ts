import { deepStrictEqual } from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataType, Expression, ScanColumn, Table } from "@headcut/plan";
import { type ColumnCache, createColumnCache } from "../../src/column-cache/column-cache.ts";
import { issueTickets } from "../../src/column-cache/issue-tickets.ts";
import type { ByteSource } from "../../src/io/byte-source.ts";
import { COLUMN_ENTRY_BYTES, columnEntry } from "../../src/layout/batch.ts";
import { storageOf } from "../../src/layout/storage.ts";
import { createHeap, type Heap } from "../../src/memory/heap.ts";
import { openParquetTable } from "../../src/parquet/open-table.ts";
import { planParquetScan } from "../../src/parquet/plan-scan.ts";
import { openRowGroupScan, type ScanCounters } from "../../src/parquet/row-group-scan.ts";
import type { ScanFilter } from "../../src/parquet/scan-filter.ts";
import type { ParquetScanFile, ParquetScanPlan, RowRange } from "../../src/parquet/scan-plan.ts";
import { createPageStore } from "../../src/spill/page-store.ts";

/**
 * A value as tests compare it: integers, dates, times, timestamps and unscaled decimals as bigint, blobs and uuids as hex,
 * intervals as `months/days/micros`.
 */
export type Cell = null | boolean | number | bigint | string;

export interface ReadOptions {
  readonly heap?: Heap;
  readonly query?: number;
  /** As `RowGroupScanOptions` have it. */
  readonly isFrugal?: boolean;
  /** Pages of 512 bytes or more are put on disk. */
  readonly pagesOnDisk?: boolean;
  readonly columns?: readonly string[];
  readonly filters?: readonly ScanFilter[];
  readonly outputColumns?: readonly number[];
  readonly ranges?: readonly RowRange[];
  readonly openSource?: (file: ParquetScanFile) => ByteSource;
  readonly table?: Table;
  readonly predicates?: readonly Expression[];
  /** The column cache that the read may use. */
  readonly cache?: ColumnCache;
}

export interface ReadResult {
  /** By column. */
  readonly columns: readonly Cell[][];
  readonly rowCount: number;
  readonly counters: ScanCounters;
  /** Batches of which every column came as dictionary codes. */
  readonly codeBatches: number;
  readonly plan: ParquetScanPlan;
}

let shared: Heap | undefined;
export const testHeap = (): Heap => {
  shared ??= createHeap(1 << 30);
  return shared;
};

let sharedCache: ColumnCache | undefined;
const testCache = (): ColumnCache => {
  sharedCache ??= createColumnCache(testHeap(), 64 << 20);
  return sharedCache;
};

const decoder = new TextDecoder();

/** Row `row` of a column vector. */
export const cellAt = (heap: Heap, values: number, row: number, type: DataType): Cell => {
  const { view, bytes } = heap.memory;
  const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
  const storage = storageOf(type);
  switch (storage) {
    case "bool":
      return view.getUint8(values + row) === 1;
    case "int32":
      return BigInt(view.getInt32(values + row * 4, true));
    case "int64":
      return type.kind === "uint64"
        ? view.getBigUint64(values + row * 8, true)
        : view.getBigInt64(values + row * 8, true);
    case "float32":
      return view.getFloat32(values + row * 4, true);
    case "float64":
      return view.getFloat64(values + row * 8, true);
    case "string": {
      const address = view.getUint32(values + row * 8, true);
      const length = view.getUint32(values + row * 8 + 4, true);
      const data = bytes.slice(address, address + length);
      return type.kind === "blob" ? hex(data) : decoder.decode(data);
    }
    case "int128": {
      const low = view.getBigUint64(values + row * 16, true);
      const high = view.getBigInt64(values + row * 16 + 8, true);
      if (type.kind === "decimal") return (high << 64n) | low;
      if (type.kind === "interval")
        return `${Number(BigInt.asIntN(32, high >> 32n))}/${Number(BigInt.asIntN(32, high))}/${BigInt.asIntN(64, low)}`;
      const flipped = BigInt.asUintN(64, high) ^ (1n << 63n);
      return flipped.toString(16).padStart(16, "0") + low.toString(16).padStart(16, "0");
    }
  }
};

/** Reads a file through the scan; if nothing speaks against it, again with little memory, with pages on disk, and twice with the column cache, which must not matter. */
export const readBack = async (path: string, options: ReadOptions = {}): Promise<ReadResult> => {
  const result = await readOnce(path, options);
  const { heap, query, filters, openSource, cache } = options;
  if (
    heap !== undefined ||
    query !== undefined ||
    filters !== undefined ||
    openSource !== undefined ||
    cache !== undefined
  )
    return result;
  deepStrictEqual((await readOnce(path, { ...options, isFrugal: true })).columns, result.columns);
  deepStrictEqual((await readOnce(path, { ...options, isFrugal: true, pagesOnDisk: true })).columns, result.columns);
  for (let i = 0; i < 2; i++) {
    const again = await readOnce(path, { ...options, cache: testCache() });
    deepStrictEqual(again.columns, result.columns);
  }
  return result;
};

/** A file without a name. */
const openPages = ({ memory }: Heap) => {
  const path = join(tmpdir(), `headcut-pages-${process.pid}-${randomUUID()}`);
  const descriptor = openSync(path, "wx+");
  unlinkSync(path);
  const files = { descriptors: [descriptor], paths: [path], limitBytes: Number.POSITIVE_INFINITY };
  const store = createPageStore(memory, files, 0, 0, 256);
  return {
    store,
    close: () => {
      store.close();
      closeSync(descriptor);
    },
  };
};

const readOnce = async (path: string, options: ReadOptions): Promise<ReadResult> => {
  const heap = options.heap ?? testHeap();
  const table = options.table ?? (await openParquetTable("t", [path]));
  const names = options.columns ?? table.columns.map((column) => column.name);
  const scanColumns = names.map((name, id): ScanColumn => {
    const index = table.columns.findIndex((column) => column.name === name);
    return { ...table.columns[index]!, id, index };
  });
  const pruned = await planParquetScan(table, scanColumns, options.predicates ?? []);
  const plan = options.cache === undefined ? pruned : issueTickets(options.cache, pruned);
  const output = options.outputColumns ?? names.map((_, index) => index);
  const freeBytes = (): bigint => heap.kernels.heapFreeBytes() + heap.kernels.cacheBytes();
  const free = freeBytes();
  const pages = options.pagesOnDisk === true ? openPages(heap) : undefined;
  const scan = openRowGroupScan({
    memory: heap.memory,
    kernels: heap.kernels,
    query: options.query ?? 0,
    columns: scanColumns,
    files: plan.files,
    filters: options.filters ?? [],
    outputColumns: output,
    isFrugal: options.isFrugal ?? false,
    pages: pages?.store,
    ...(options.openSource === undefined ? {} : { openSource: options.openSource }),
  });
  const columns: Cell[][] = names.map(() => []);
  let rowCount = 0;
  let codeBatches = 0;
  try {
    for (const morsel of plan.morsels) {
      await scan.start(options.ranges === undefined ? morsel : { ...morsel, ranges: options.ranges });
      for (let batch = scan.next(); batch !== undefined; batch = scan.next()) {
        rowCount += batch.count;
        const { view } = heap.memory;
        let allCodes = true;
        for (const index of output) {
          const entry = batch.batch + index * COLUMN_ENTRY_BYTES;
          const values = view.getUint32(entry + columnEntry.values, true);
          const valid = view.getUint32(entry + columnEntry.valid, true);
          const codes = view.getUint32(entry + columnEntry.codes, true);
          const dictionary = view.getUint32(entry + columnEntry.dictionary, true);
          const { type } = scanColumns[index]!;
          allCodes &&= codes !== 0;
          for (let i = 0; i < batch.count; i++) {
            const row = batch.selection === 0 ? i : view.getUint32(batch.selection + i * 4, true);
            if (valid !== 0 && view.getUint8(valid + row) === 0) {
              columns[index]!.push(null);
              continue;
            }
            const code = codes === 0 ? 0 : view.getUint32(codes + row * 4, true);
            if (codes !== 0 && code >= view.getUint32(entry + columnEntry.dictionaryCount, true))
              throw new Error(`code ${code} is not in the dictionary`);
            columns[index]!.push(codes === 0 ? cellAt(heap, values, row, type) : cellAt(heap, dictionary, code, type));
          }
        }
        if (allCodes) codeBatches++;
      }
    }
  } finally {
    scan.close();
    pages?.close();
  }
  if (freeBytes() !== free) throw new Error("scan leaks memory");
  return { columns, rowCount, counters: { ...scan.counters }, codeBatches, plan };
};
