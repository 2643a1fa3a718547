import type { Column } from "@headcut/plan";
import { emitStore } from "../../expressions/storage-access.ts";
import { threadContext } from "../../layout/context.ts";
import { RESULT_COLUMN_BYTES, resultBuffer, resultColumn } from "../../layout/result-buffer.ts";
import { storageLayout, storageOf } from "../../layout/storage.ts";
import { pushElement } from "../loops.ts";
import type { Consumer } from "../query-builder.ts";

/** The sink of the whole query: appends rows to the thread's result buffer and has the host take them away when it is full. */
export const resultSink = (columns: readonly Column[]): Consumer => ({
  needs: new Set(columns.map(({ id }) => id)),
  consume(pipeline, row) {
    const { code } = pipeline;
    const { fn } = code;
    row.load(columns.map(({ id }) => id));
    const buffer = code.field(threadContext.results);
    const position = fn.local("i32");
    const address = fn.local("i32");
    fn.get(buffer);
    fn.mem("i32.load", resultBuffer.rowCount);
    fn.set(position);
    columns.forEach(({ id, type, nullable }, i) => {
      const value = row.column(id);
      const storage = storageOf(type);
      const entry = resultBuffer.columns + i * RESULT_COLUMN_BYTES;
      fn.get(buffer);
      fn.mem("i32.load", entry + resultColumn.values);
      fn.set(address);
      pushElement(fn, address, position, storageLayout[storage].bytes);
      fn.set(address);
      emitStore(fn, value, address);
      if (!nullable) {
        if (value.isNull !== undefined) throw new Error(`internal error: result column ${id} may be NULL after all`);
        return;
      }
      fn.get(buffer);
      fn.mem("i32.load", entry + resultColumn.valid);
      fn.get(position);
      fn.op("i32.add");
      if (value.isNull === undefined) {
        fn.i32(1);
      } else {
        fn.get(value.isNull);
        fn.op("i32.eqz");
      }
      fn.mem("i32.store8");
    });
    fn.get(buffer);
    fn.get(position);
    fn.i32(1);
    fn.op("i32.add");
    fn.tee(position);
    fn.mem("i32.store", resultBuffer.rowCount);
    fn.get(position);
    fn.get(buffer);
    fn.mem("i32.load", resultBuffer.capacity);
    fn.op("i32.ge_u");
    fn.if(() => {
      fn.get(code.context);
      fn.call(code.module.builder.import("host", "emit", ["i32"], []));
    });
  },
});
