import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";

/** Bytes of a row buffer: rows of one stride that one thread collects; zeroed = empty. Layout: kernels/pipelines/row-buffer.ts. */
export const ROW_BUFFER_BYTES = 16;
const NEXT = 0;
const END = 4;

/** Address of a new row, contents undefined, in the buffer at `base + offset`; raises out of memory. */
export const emitAppendRow = (code: Code, operatorId: number, base: Local, offset: number, stride: number): Local => {
  const { fn } = code;
  const row = fn.local("i32");
  fn.get(base);
  fn.mem("i32.load", offset + NEXT);
  fn.tee(row);
  fn.i32(stride);
  fn.op("i32.add");
  fn.get(base);
  fn.mem("i32.load", offset + END);
  fn.op("i32.gt_u");
  fn.if(() => {
    fn.get(base);
    fn.i32(offset);
    fn.op("i32.add");
    fn.get(code.arena);
    fn.i32(stride);
    code.kernel("rowBufferGrow");
    fn.tee(row);
    code.checkAllocated(operatorId);
  });
  fn.get(base);
  fn.get(row);
  fn.i32(stride);
  fn.op("i32.add");
  fn.mem("i32.store", offset + NEXT);
  return row;
};
