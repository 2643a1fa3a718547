import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataType, int32, int64, QueryError, varchar } from "@headcut/plan";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalFile } from "../../src/io/local-file.ts";
import { BATCH_ROWS, COLUMN_ENTRY_BYTES, columnEntry } from "../../src/layout/batch.ts";
import { queryBlock } from "../../src/layout/context.ts";
import { openParquetTable } from "../../src/parquet/open-table.ts";
import type { ScanFilter } from "../../src/parquet/scan-filter.ts";
import { duckdb } from "./peers.ts";
import { type Cell, cellAt, type ReadResult, readBack, testHeap } from "./read-back.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-filters-"));
afterAll(() => rmSync(folder, { recursive: true }));

const types: readonly DataType[] = [int64, int32, varchar, int32, varchar];
let path: string;
let rows: ReadResult;

beforeAll(async () => {
  path = join(folder, "filters.parquet");
  await (await duckdb()).run(
    `COPY (SELECT i, (i % 13)::INTEGER AS k, 'word ' || (hash(i) % 50) AS s,
      CASE WHEN hash(i) % 3 <> 0 THEN (i % 5)::INTEGER END AS n, 'plain ' || i AS p
      FROM range(20000) r(i)) TO '${path}' (ROW_GROUP_SIZE 10240, PARQUET_VERSION v1)`,
  );
  rows = await readBack(path);
});

interface Calls {
  /** Batches the filter ran over, and the rows in them. */
  calls: number;
  rows: number;
}

/** A filter in JavaScript, over one column. */
const filterOn = (
  column: number,
  passes: (cell: Cell) => boolean,
  options: { readonly mayFail?: boolean; readonly calls?: Calls } = {},
): ScanFilter => {
  const heap = testHeap();
  const { view } = heap.memory;
  return {
    columns: [column],
    mayFail: options.mayFail ?? false,
    run: (batch, selectionIn, count, selectionOut) => {
      expect(count).toBeLessThanOrEqual(BATCH_ROWS);
      expect(selectionOut).not.toBe(selectionIn);
      const entry = batch + column * COLUMN_ENTRY_BYTES;
      const values = view.getUint32(entry + columnEntry.values, true);
      const valid = view.getUint32(entry + columnEntry.valid, true);
      const codes = view.getUint32(entry + columnEntry.codes, true);
      const dictionary = view.getUint32(entry + columnEntry.dictionary, true);
      let passed = 0;
      for (let i = 0; i < count; i++) {
        const row = selectionIn === 0 ? i : view.getUint32(selectionIn + i * 4, true);
        const isNull = valid !== 0 && view.getUint8(valid + row) === 0;
        const [from, at] = codes === 0 ? [values, row] : [dictionary, view.getUint32(codes + row * 4, true)];
        const cell = isNull ? null : cellAt(heap, from, at, types[column]!);
        if (passes(cell)) view.setUint32(selectionOut + passed++ * 4, row, true);
      }
      if (options.calls !== undefined) {
        options.calls.calls++;
        options.calls.rows += count;
      }
      return passed;
    },
  };
};

const expectRows = (result: ReadResult, keep: (row: number) => boolean, columns = [0, 1, 2, 3, 4]): void => {
  const kept = rows.columns[0]!.map((_, row) => row).filter(keep);
  expect(result.rowCount).toBe(kept.length);
  for (const column of columns) expect(result.columns[column]).toEqual(kept.map((row) => rows.columns[column]![row]));
};
const at = (column: number, row: number): Cell => rows.columns[column]![row]!;

describe("filters of a scan", () => {
  it("keep the rows that pass, in order, with all their columns", async () => {
    const result = await readBack(path, { filters: [filterOn(0, (i) => (i as bigint) % 100n === 7n)] });
    expectRows(result, (row) => row % 100 === 7);
  });

  it("over a dictionary run once per value, also for NULLs", async () => {
    const calls = { calls: 0, rows: 0 };
    const keep = (s: Cell): boolean => (s as string).endsWith("7");
    const result = await readBack(path, { filters: [filterOn(2, keep, { calls })] });
    expectRows(result, (row) => keep(at(2, row)));
    expect(calls.rows).toBe(100);

    const nulls = await readBack(path, { filters: [filterOn(3, (n) => n === null || n === 3n)] });
    expectRows(nulls, (row) => at(3, row) === null || at(3, row) === 3n);
    const present = await readBack(path, { filters: [filterOn(3, (n) => n !== null)] });
    expectRows(present, (row) => at(3, row) !== null);
    const missing = await readBack(path, { filters: [filterOn(3, (n) => n === null)] });
    expectRows(missing, (row) => at(3, row) === null);
  });

  it("that may fail only see rows that passed the filters before them", async () => {
    const seen: Cell[] = [];
    const result = await readBack(path, {
      filters: [
        filterOn(1, (k) => k === 4n),
        filterOn(
          2,
          (s) => {
            seen.push(s);
            return true;
          },
          { mayFail: true },
        ),
      ],
    });
    expectRows(result, (row) => row % 13 === 4);
    expect(seen).toEqual(result.columns[2]);
  });

  it("that nothing passes keep the other columns from being read at all", async () => {
    const all = await readBack(path);
    const none = await readBack(path, { filters: [filterOn(1, () => false)] });
    expect(none.rowCount).toBe(0);
    expect(none.counters.bytesRead).toBeLessThan(all.counters.bytesRead / 10);
    // No value of the dictionaries passed: not one batch was made.
    expect(none.counters).toMatchObject({ rowsRead: 0, rowGroupsSkipped: 2, pagesRead: 0 });
    const late = await readBack(path, { filters: [filterOn(1, () => false, { mayFail: true })] });
    expect(late.rowCount).toBe(0);
    expect(late.counters).toMatchObject({ rowsRead: 20000, rowGroupsSkipped: 0 });
    expect(late.counters.bytesRead).toBe(none.counters.bytesRead);
  });

  it("do not skip a row group whose dictionary fails but whose NULLs pass", async () => {
    const result = await readBack(path, { filters: [filterOn(3, (n) => n === null)] });
    expectRows(result, (row) => at(3, row) === null);
    expect(result.counters.rowGroupsSkipped).toBe(0);
  });

  it("on columns that are not output leave their values out", async () => {
    const result = await readBack(path, { filters: [filterOn(2, (s) => s === "word 3")], outputColumns: [0, 4] });
    expectRows(result, (row) => at(2, row) === "word 3", [0, 4]);
    expect(result.columns[2]).toEqual([]);
  });

  it("in any number and order, over any ranges, give what plain filtering gives", async () => {
    const kinds: readonly ((column: number, seed: number) => (cell: Cell) => boolean)[] = [
      () => () => true,
      (_, seed) => (cell) => (cell === null ? seed % 2 === 0 : String(cell).length % 3 === seed % 3),
      (_, seed) => (cell) => cell !== null && String(cell).includes(String(seed % 10)),
      (_, seed) => (cell) => cell === null || String(cell).charCodeAt(String(cell).length - 1) % 7 < seed % 7,
    ];
    const filter = fc.record({
      column: fc.nat({ max: 4 }),
      kind: fc.nat({ max: kinds.length - 1 }),
      seed: fc.nat({ max: 1000 }),
      mayFail: fc.boolean(),
    });
    const range = fc.tuple(fc.nat({ max: 9760 }), fc.nat({ max: 9760 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(filter, { maxLength: 4 }),
        fc.option(range, { nil: undefined }),
        fc.subarray([0, 1, 2, 3, 4]),
        async (filters, limits, output) => {
          const tests = filters.map(({ column, kind, seed }) => ({ column, test: kinds[kind]!(column, seed) }));
          const [start, end] = limits === undefined ? [0, 10240] : [Math.min(...limits), Math.max(...limits)];
          const result = await readBack(path, {
            filters: filters.map(({ column, mayFail }, i) => filterOn(column, tests[i]!.test, { mayFail })),
            outputColumns: output,
            ...(limits === undefined ? {} : { ranges: [{ start, end }] }),
          });
          const inRange = (row: number): boolean => row % 10240 >= start && row % 10240 < end;
          expectRows(result, (row) => inRange(row) && tests.every(({ column, test }) => test(at(column, row))), output);
        },
      ),
      { numRuns: 120, seed: 7 },
    );
  });
});

describe("a scan", () => {
  it("without columns counts rows", async () => {
    const result = await readBack(path, { columns: [] });
    expect(result.rowCount).toBe(20000);
    expect(result.counters.bytesRead).toBe(0);
  });

  it.each([true, false])("of a source that reads later waits for it (filtered: %s)", async (isFiltered) => {
    const result = await readBack(path, {
      filters: isFiltered ? [filterOn(1, (k) => k === 4n)] : [],
      openSource: (file) => {
        const local = openLocalFile(file.path, file.identity);
        return {
          ...local,
          isImmediate: false,
          readInto: async (target, offset, length) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            await local.readInto(target, offset, length);
          },
        };
      },
    });
    expectRows(result, (row) => !isFiltered || row % 13 === 4);
  });

  it("gives back its memory and its files when reading fails, now or later, in little memory or much", async () => {
    for (const [later, isFrugal] of [
      [false, false],
      [true, false],
      [false, true],
    ] as const) {
      let open = 0;
      const free = testHeap().kernels.heapFreeBytes();
      const read = readBack(path, {
        isFrugal,
        openSource: (file) => {
          const local = openLocalFile(file.path, file.identity);
          open++;
          return {
            ...local,
            isImmediate: !later,
            readInto: (target, offset, length) => {
              if (offset < 20000) return local.readInto(target, offset, length);
              const error = new QueryError("io", "the line is dead");
              if (later) return Promise.reject(error);
              throw error;
            },
            close: () => {
              open--;
              local.close();
            },
          };
        },
      });
      await expect(read).rejects.toThrow("the line is dead");
      expect(open).toBe(0);
      expect(testHeap().kernels.heapFreeBytes()).toBe(free);
    }
  });

  it("stays within the query's memory limit", async () => {
    const { kernels, memory } = testHeap();
    const query = kernels.slabAllocate(0, queryBlock.bytes) >>> 0;
    memory.bytes.fill(0, query, query + queryBlock.bytes);
    const setLimit = (bytes: number) => memory.view.setBigUint64(query + queryBlock.limitBytes, BigInt(bytes), true);
    const used = () => Number(memory.view.getBigUint64(query + queryBlock.usedBytes, true));
    setLimit(32 << 20);
    expect((await readBack(path, { query })).rowCount).toBe(20000);
    expect(used()).toBe(0);
    // All row groups' pages together take more.
    setLimit(1 << 20);
    expect((await readBack(path, { query, isFrugal: true })).rowCount).toBe(20000);
    expect(used()).toBe(0);
    expect((await readBack(path, { query, isFrugal: true, pagesOnDisk: true })).rowCount).toBe(20000);
    expect(used()).toBe(0);
    setLimit(256 << 10);
    await expect(readBack(path, { query, isFrugal: true })).rejects.toMatchObject({ code: "out-of-memory" });
    expect(used()).toBe(0);
    await expect(readBack(path, { query })).rejects.toMatchObject({ code: "out-of-memory" });
    expect(used()).toBe(0);
    kernels.slabFree(0, query);
  });

  it("goes through many row groups and files with one set of buffers", async () => {
    const paths: string[] = [];
    for (let part = 0; part < 3; part++) {
      const file = join(folder, `part-${part}.parquet`);
      await (await duckdb()).run(
        `COPY (SELECT i, 'name ' || (i % 10) AS s FROM range(${part * 10000}, ${part * 10000 + 10000}) r(i))
         TO '${file}' (ROW_GROUP_SIZE 2048)`,
      );
      paths.push(file);
    }
    const table = await openParquetTable("t", [join(folder, "part-*.parquet")]);
    expect(table.source.kind === "parquet" && table.source.files.map((file) => file.path)).toEqual(paths);
    const result = await readBack(paths[0]!, { table });
    expect(result.columns[0]).toEqual(Array.from({ length: 30000 }, (_, i) => BigInt(i)));
    expect(result.columns[1]).toEqual(Array.from({ length: 30000 }, (_, i) => `name ${i % 10}`));
  });
});
