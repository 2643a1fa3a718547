import type { Column, ColumnId } from "@headcut/plan";
import { fieldsByColumn, storeColumns } from "../pipelines/materialized.ts";
import type { Consumer, QueryBuilder } from "../pipelines/query-builder.ts";
import { type Field, fieldShape, layoutRow } from "../pipelines/row-layout.ts";
import {
  closeSpool,
  emitSpool,
  openSpool,
  planSpool,
  pushSpool,
  SPOOL_LIST_BYTES,
  type Spool,
  spooledRow,
} from "./spool.ts";

/** Rows on disk that several pipelines read. */
export interface SpooledRows {
  readonly spool: Spool;
  /** Offset in the states block of the list of its blocks. */
  readonly list: number;
  readonly fields: ReadonlyMap<ColumnId, Field>;
}

/** Of how many blocks the query's memory holds one for each thread. */
const BLOCK_SHARES = 64;

/** A sink that puts all rows on disk; once its input is produced, `publish` adds the phases after which they can be read. */
export const spoolSink = (
  query: QueryBuilder,
  operatorId: number,
  columns: readonly Column[],
): { readonly sink: Consumer; readonly rows: SpooledRows; publish(): void } => {
  const layout = layoutRow(0, columns.map(fieldShape));
  const fields = fieldsByColumn(columns, layout);
  const spool = planSpool(query, operatorId, layout, 1, BLOCK_SHARES);
  const list = query.state(SPOOL_LIST_BYTES);
  return {
    rows: { spool, list, fields },
    sink: {
      needs: new Set(fields.keys()),
      consume(pipeline, row) {
        openSpool(pipeline, spool);
        const { code } = pipeline;
        row.load(fields.keys());
        const to = spooledRow(code, spool);
        storeColumns(code, operatorId, fields, to, row, false);
        emitSpool(code, spool, code.fn.local("i32"), to);
      },
    },
    publish() {
      closeSpool(query, spool);
      query.last.after("once", "list", (code) => {
        pushSpool(code, spool);
        code.fn.i32(0);
        code.fn.get(code.states);
        code.fn.i32(list);
        code.fn.op("i32.add");
        code.fn.get(code.keep);
        code.kernel("spoolList");
        code.checkAllocated(operatorId);
      });
    },
  };
};
