import type { Code } from "../pipelines/code.ts";
import type { Local } from "../wasm/function-builder.ts";

/**
 * A probe row that is seen once for each part of the build rows: what it has met so far, and whether this is the last time. In joins for
 * memory there is only one time, and nothing to remember.
 */
export interface ProbeTurns {
  /** Address of the row's byte, zero at first. */
  readonly memory: Local;
  /** 1 in the last turn. */
  readonly isLast: Local;
}

/** Leaves an i32: what was kept of the row; 0 where there is one turn. */
export const pushRemembered = ({ fn }: Code, turns: ProbeTurns | undefined): void => {
  if (turns === undefined) {
    fn.i32(0);
    return;
  }
  fn.get(turns.memory);
  fn.mem("i32.load8_u");
};

/** Keeps the value for the row's next turns. */
export const remember = ({ fn }: Code, turns: ProbeTurns | undefined, value: Local): void => {
  if (turns === undefined) return;
  fn.get(turns.memory);
  fn.get(value);
  fn.mem("i32.store8");
};

/** Emits `then`, only for the row's last turn. */
export const inLastTurn = ({ fn }: Code, turns: ProbeTurns | undefined, then: () => void): void => {
  if (turns === undefined) {
    then();
    return;
  }
  fn.get(turns.isLast);
  fn.if(then);
};
