import type { Column } from "@headcut/plan";
import { threadContext } from "../layout/context.ts";
import { keepStrings } from "./kept-strings.ts";
import { fieldsByColumn, type Materialized, storeColumns } from "./materialized.ts";
import type { Consumer, QueryBuilder } from "./query-builder.ts";
import { emitAppendRow, ROW_BUFFER_BYTES } from "./row-buffer.ts";
import { fieldShape, layoutRow } from "./row-layout.ts";
import { rowListHead } from "./row-list.ts";
import { ThreadStates } from "./thread-states.ts";

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
        const kept = keepStrings(query, pipeline, operatorId, fields.keys(), row);
        const { code } = pipeline;
        row.load(fields.keys());
        const address = emitAppendRow(code, operatorId, threads.own(code), 0, layout.stride);
        storeColumns(code, operatorId, fields, address, row, true, kept);
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
