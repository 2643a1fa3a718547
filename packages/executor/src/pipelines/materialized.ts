import type { Column, ColumnId } from "@headcut/plan";
import { threadContext } from "../layout/context.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";
import type { Consumer, QueryBuilder } from "./query-builder.ts";
import { type ColumnSource, Row } from "./row.ts";
import { emitAppendRow, ROW_BUFFER_BYTES } from "./row-buffer.ts";
import { type Field, fieldShape, layoutRow, loadField, type RowLayout, storeField } from "./row-layout.ts";
import { rowListHead } from "./row-list.ts";
import { ThreadStates } from "./thread-states.ts";

/** Rows kept in memory: their list in the states block and where each column lies in a row. */
export interface Materialized {
  readonly listOffset: number;
  readonly stride: number;
  readonly fields: ReadonlyMap<ColumnId, Field>;
}

/** The fields of a layout by their columns' ids, in the same order. */
export const fieldsByColumn = (columns: readonly Column[], layout: RowLayout): Map<ColumnId, Field> =>
  new Map(columns.map(({ id }, position) => [id, layout.fields[position]!]));

/** Columns of the materialized row at `address`. */
export const fieldSources = (
  code: Code,
  fields: ReadonlyMap<ColumnId, Field>,
  address: Local,
): Map<ColumnId, ColumnSource> =>
  new Map([...fields].map(([id, field]) => [id, { load: () => loadField(code, field, address), stable: true }]));

export const materializedRow = (code: Code, fields: ReadonlyMap<ColumnId, Field>, address: Local): Row =>
  new Row(fieldSources(code, fields, address));

/** Writes the columns of the current row to their fields. */
export const storeColumns = (
  code: Code,
  operatorId: number,
  fields: ReadonlyMap<ColumnId, Field>,
  address: Local,
  row: Row,
): void => {
  for (const [id, field] of fields) {
    storeField(code, operatorId, field, address, row.get(id), row.isStable(id));
  }
};

/** A sink that keeps all rows; once its input is produced, `publish` adds the phase that lists them. */
export const materializeSink = (
  query: QueryBuilder,
  operatorId: number,
  columns: readonly Column[],
): { readonly sink: Consumer; readonly rows: Materialized; publish(): void } => {
  const layout = layoutRow(0, columns.map(fieldShape));
  const fields = fieldsByColumn(columns, layout);
  const listOffset = query.state(rowListHead.bytes);
  const threads = new ThreadStates(query, operatorId, ROW_BUFFER_BYTES);
  return {
    rows: { listOffset, stride: layout.stride, fields },
    sink: {
      needs: new Set(fields.keys()),
      consume(pipeline, row) {
        threads.open(pipeline);
        const { code } = pipeline;
        row.load(fields.keys());
        const address = emitAppendRow(code, operatorId, threads.own(code), 0, layout.stride);
        storeColumns(code, operatorId, fields, address, row);
      },
    },
    publish() {
      query.last.after("once", "publish", (code) => {
        const { fn } = code;
        fn.get(code.states);
        fn.i32(listOffset);
        fn.op("i32.add");
        fn.get(threads.all(code));
        fn.i32(threads.stride);
        fn.get(code.field(threadContext.threadCount));
        fn.i32(layout.stride);
        fn.get(code.arena);
        code.kernel("rowListCollect");
        code.checkAllocated(operatorId);
      });
    },
  };
};
