import type { FunctionBuilder, Label, Local } from "../wasm/function-builder.ts";

/** `for (index = 0; index < count; index++)`, unsigned; `count` is read each time round. */
export const countedLoop = (fn: FunctionBuilder, count: Local, body: (index: Local) => void): void => {
  const index = fn.local("i32");
  fn.i32(0);
  fn.set(index);
  fn.get(count);
  fn.if(() => {
    fn.loop((next) => {
      body(index);
      fn.get(index);
      fn.i32(1);
      fn.op("i32.add");
      fn.tee(index);
      fn.get(count);
      fn.op("i32.lt_u");
      fn.brIf(next);
    });
  });
};

/** `for (;;)`: `br done` leaves it; falling off the end of the body starts the next turn. */
export const endlessLoop = (fn: FunctionBuilder, body: (done: Label, next: Label) => void): void => {
  fn.block((done) => {
    fn.loop((next) => {
      body(done, next);
      fn.br(next);
    });
  });
};

/** Leaves `base + index * stride` on the stack. */
export const pushElement = (fn: FunctionBuilder, base: Local, index: Local, stride: number): void => {
  fn.get(base);
  fn.get(index);
  if (stride > 1) {
    if ((stride & (stride - 1)) === 0) {
      fn.i32(Math.log2(stride));
      fn.op("i32.shl");
    } else {
      fn.i32(stride);
      fn.op("i32.mul");
    }
  }
  fn.op("i32.add");
};
