import { type Column, QueryError, sameType, type Table, typeName } from "@headcut/plan";
import type * as arrow from "apache-arrow";
import { storageLayout, storageOf } from "../layout/storage.ts";
import type { Heap } from "../memory/heap.ts";
import { createHostArena, type HostArena } from "../memory/host-arena.ts";
import { dataTypeOfField } from "./arrow-type.ts";
import { createColumnTotals } from "./column-totals.ts";
import { importColumn } from "./import-column.ts";
import { countReaders } from "./readers.ts";
import type { MemoryScanPlan } from "./scan-plan.ts";
import { scanPlanOf } from "./snapshot.ts";

export type MemoryTableColumn = Pick<Column, "name" | "type" | "nullable">;

/** A table in the shared memory: grows by appending, columns in chunks of `CHUNK_ROWS`. */
export interface MemoryTable {
  readonly tableId: number;
  readonly name: string;
  readonly columns: readonly MemoryTableColumn[];
  rowCount(): number;
  /** Bytes of memory it holds. */
  byteSize(): number;
  /** As planning sees it now, with statistics. */
  describe(): Table;
  /**
   * Adds the batches' rows, columns in the table's order and of the types that `dataTypeOfField` gives; all or none. Throws
   * QueryError "type-mismatch", "conversion", "invalid-argument" (NULL in a column that is not nullable), "out-of-memory".
   */
  appendArrow(...batches: readonly arrow.RecordBatch[]): void;
  /** The rows there are now; they stay readable until `release`, even when the table is dropped. */
  snapshot(columnIndexes: readonly number[]): { readonly plan: MemoryScanPlan; readonly release: () => void };
  /** Frees the memory once no snapshot needs it. */
  drop(): void;
}

/** DuckDB's row group: large enough to amortize, small enough to share out among threads. */
const CHUNK_ROWS = 122_880;
const FIRST_CHUNK_ROWS = 2048;

interface Chunk {
  readonly capacity: number;
  rowCount: number;
  readonly columns: { readonly values: number /** 0 until a row is NULL. */; valid: number }[];
  readonly arena: HostArena;
}

export const createMemoryTable = (
  heap: Heap,
  tableId: number,
  name: string,
  columns: readonly MemoryTableColumn[],
): MemoryTable => {
  const widths = columns.map(({ type }) => storageLayout[storageOf(type)].bytes);
  const totals = columns.map(({ type }) => createColumnTotals(heap, type));
  const chunks: Chunk[] = [];

  const rowCount = (): number => chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const free = (): void => {
    for (const { arena } of chunks) arena.free();
    chunks.length = 0;
  };
  const readers = countReaders(free);

  const addChunk = (rows: number): Chunk => {
    const last = chunks.at(-1)?.capacity ?? FIRST_CHUNK_ROWS / 2;
    const capacity = Math.min(CHUNK_ROWS, Math.max(rows, 2 * last));
    const arena = createHostArena(heap, `table ${name}`);
    try {
      const vectors = widths.map((width) => ({ values: arena.allocate(capacity * width), valid: 0 }));
      const chunk: Chunk = { capacity, rowCount: 0, columns: vectors, arena };
      chunks.push(chunk);
      return chunk;
    } catch (error) {
      arena.free();
      throw error;
    }
  };

  /** Writes rows behind those of the chunk, which does not count them yet; the nulls of each column. */
  const write = (chunk: Chunk, batch: arrow.RecordBatch, first: number, count: number, staging: HostArena): number[] =>
    columns.map(({ name: column, type, nullable }, i) => {
      const vector = chunk.columns[i]!;
      const valid = vector.valid === 0 ? staging.allocate(count) : vector.valid + chunk.rowCount;
      const values = vector.values + chunk.rowCount * widths[i]!;
      const nulls = importColumn(
        { heap, name: column, type, values, valid, first, count, keep: chunk.arena, staging },
        batch.data.children[i]!,
      );
      if (nulls === 0) return 0;
      if (!nullable) throw new QueryError("invalid-argument", `column "${column}" of table ${name} must not be NULL`);
      if (vector.valid === 0) {
        vector.valid = chunk.arena.allocate(chunk.capacity);
        heap.memory.bytes.fill(1, vector.valid, vector.valid + chunk.rowCount);
        heap.memory.bytes.copyWithin(vector.valid + chunk.rowCount, valid, valid + count);
      }
      return nulls;
    });

  const append = (batch: arrow.RecordBatch, added: (() => void)[]): void => {
    for (let first = 0; first < batch.numRows; ) {
      const last = chunks.at(-1);
      const chunk = last !== undefined && last.rowCount < last.capacity ? last : addChunk(batch.numRows - first);
      const [start, count] = [chunk.rowCount, Math.min(chunk.capacity - chunk.rowCount, batch.numRows - first)];
      const staging = createHostArena(heap, `rows for table ${name}`);
      let nulls: number[];
      try {
        nulls = write(chunk, batch, first, count, staging);
      } finally {
        staging.free();
      }
      chunk.rowCount += count;
      added.push(() =>
        chunk.columns.forEach(({ values, valid }, i) => {
          totals[i]!.add(values + start * widths[i]!, valid === 0 ? 0 : valid + start, count, nulls[i]!);
        }),
      );
      first += count;
    }
  };

  const appendArrow = (...batches: readonly arrow.RecordBatch[]): void => {
    const before = chunks.map((chunk) => chunk.rowCount);
    const added: (() => void)[] = [];
    try {
      for (const batch of batches) {
        checkSchema(name, columns, batch.schema);
        append(batch, added);
      }
    } catch (error) {
      for (const chunk of chunks.splice(before.length)) chunk.arena.free();
      before.forEach((rows, i) => {
        chunks[i]!.rowCount = rows;
      });
      throw error;
    }
    for (const add of added) add();
  };

  return {
    tableId,
    name,
    columns,
    rowCount,
    byteSize: () => chunks.reduce((sum, { arena }) => sum + arena.bytes(), 0),
    describe: () => ({
      name,
      columns: columns.map((column, i) => ({ ...column, statistics: totals[i]!.statistics() })),
      rowCount: rowCount(),
      source: { kind: "memory", tableId },
    }),
    appendArrow,
    snapshot: (columnIndexes) => ({ plan: scanPlanOf(chunks, columnIndexes), release: readers.enter() }),
    drop: readers.drop,
  };
};

const checkSchema = (name: string, columns: readonly MemoryTableColumn[], { fields }: arrow.Schema): void => {
  if (fields.length !== columns.length) {
    throw new QueryError("type-mismatch", `table ${name} has ${columns.length} columns, the rows ${fields.length}`);
  }
  columns.forEach((column, i) => {
    const type = dataTypeOfField(fields[i]!);
    if (sameType(type, column.type) || type.kind === "null") return;
    throw new QueryError(
      "type-mismatch",
      `column "${column.name}" of table ${name} is ${typeName(column.type)}, the rows have ${typeName(type)}`,
    );
  });
};
