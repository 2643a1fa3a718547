// What a kernel leaves besides its result, for the next call from the same thread: kernels' globals are thread-local.

let high: i64 = 0;
let failed: i32 = 0;

/** The last call gave a value. */
export const OK: i32 = 0;
/** The last call's arguments have no result: a text that does not convert, a number out of range. */
export const INVALID: i32 = 1;
export const OUT_OF_MEMORY: i32 = 2;

/** The high word of the last 128-bit result. */
export function highWord(): i64 {
  return high;
}

/** OK, INVALID or OUT_OF_MEMORY: the outcome of the last call of a kernel that can fail. */
export function kernelFailure(): i32 {
  return failed;
}

@inline
export function setHigh(word: i64): void {
  high = word;
}

@inline
export function getHigh(): i64 {
  return high;
}

@inline
export function setFailure(outcome: i32): void {
  failed = outcome;
}
