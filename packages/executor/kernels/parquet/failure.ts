// How a decoder says that its input is malformed: a negative result, and where. Codes: src/parquet/decode-failure.ts.

/** The input ends before what it announces. */
export const TRUNCATED: i32 = -1;
/** A length, offset or count that leads outside the buffers. */
export const OUT_OF_BOUNDS: i32 = -2;
/** A header that its format does not allow. */
export const BAD_HEADER: i32 = -3;
/** The output is not as long as announced. */
export const WRONG_LENGTH: i32 = -4;
/** A definition level above the column's. */
export const BAD_LEVEL: i32 = -5;
/** A dictionary index beyond the dictionary. */
export const BAD_CODE: i32 = -6;
/** A value that its type cannot hold. */
export const VALUE_TOO_LARGE: i32 = -7;

let failureAddress: u32 = 0;

@inline
export function fail(code: i32, at: usize): i32 {
  failureAddress = at as u32;
  return code;
}

/** Address in the input at which the last failed call stopped. */
export function decodeFailureAddress(): u32 {
  return failureAddress;
}
