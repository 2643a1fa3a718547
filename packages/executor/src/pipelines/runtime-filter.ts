import { emitHash } from "../expressions/hash.ts";
import { only, type Value } from "../expressions/value.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";
import type { KeyFilter } from "./runtime-filter-plan.ts";

/**
 * What is known of a join key once the build side is complete: its block in the states, byte offsets;
 * kernels/pipelines/runtime-filter.ts fills it. Zeroed = not made yet.
 */
export const runtimeFilter = {
  /** u32, see `kind`. */
  kind: 0,
  /** u32: address of the bitmap (bit 0 is `min`) or of the Bloom filter. */
  bits: 4,
  /** u32: blocks of the Bloom filter - 1. */
  mask: 8,
  /** i64: the smallest key. */
  min: 16,
  /** u64: largest - smallest key; all ones where only hashes are known. */
  range: 24,
  bytes: 48,
} as const;

const kind = { inRange: 0, bitmap: 1, bloom: 2 } as const;

/** Odd constants with well mixed bits; the kernel mixes with the same. */
const STEP = 0x9e3779b97f4a7c15n;
const FINISH = 0xff51afd7ed558ccdn;

/** Leaves 1 on the stack if the key may have a match in the build side, otherwise 0. A NULL has none. */
export const emitMayMatch = (code: Code, operatorId: number, filter: KeyFilter, key: Value): void => {
  const { fn } = code;
  const word = keyWord(code, operatorId, filter, key);
  const index = fn.local("i64");
  fn.get(word);
  fn.get(filterWide(code, filter, "min"));
  fn.op("i64.sub");
  fn.set(index);
  fn.get(filterNarrow(code, filter, "kind"));
  fn.if(
    () => {
      fn.get(filterNarrow(code, filter, "kind"));
      fn.i32(kind.bitmap);
      fn.op("i32.eq");
      fn.if(
        () => emitInBitmap(code, filter, index),
        () => emitInBloom(code, filter, word),
        "i32",
      );
    },
    () => {
      fn.get(index);
      fn.get(filterWide(code, filter, "range"));
      fn.op("i64.le_u");
    },
    "i32",
  );
  if (key.isNull === undefined) return;
  fn.get(key.isNull);
  fn.op("i32.eqz");
  fn.op("i32.and");
};

/** Leaves 1 where the filter is a bitmap. */
export const pushIsBitmap = (code: Code, filter: KeyFilter): void => {
  code.fn.get(filterNarrow(code, filter, "kind"));
  code.fn.i32(kind.bitmap);
  code.fn.op("i32.eq");
};

/** The key as the kernel sees it: an integer, or 32 bits of a hash. */
const keyWord = (code: Code, operatorId: number, { keyBytes, type }: KeyFilter, key: Value): Local => {
  const { fn } = code;
  const word = fn.local("i64");
  if (keyBytes === 0) {
    emitHash(code.scope(operatorId), [{ ...key, isNull: undefined }], [type]);
    fn.op("i32.wrap_i64");
    fn.op("i64.extend_i32_u");
  } else {
    fn.get(only(key));
    if (keyBytes === 4) fn.op("i64.extend_i32_s");
  }
  fn.set(word);
  return word;
};

/** Keys outside of the range look at the bit behind it, which is never set. */
const emitInBitmap = (code: Code, filter: KeyFilter, index: Local): void => {
  const { fn } = code;
  const range = filterWide(code, filter, "range");
  const bit = fn.local("i32");
  fn.get(index);
  fn.get(range);
  fn.i64(1);
  fn.op("i64.add");
  fn.get(index);
  fn.get(range);
  fn.op("i64.le_u");
  fn.op("select");
  fn.op("i32.wrap_i64");
  fn.set(bit);
  fn.get(filterNarrow(code, filter, "bits"));
  fn.get(bit);
  fn.i32(3);
  fn.op("i32.shr_u");
  fn.op("i32.add");
  fn.mem("i32.load8_u");
  fn.get(bit);
  fn.i32(7);
  fn.op("i32.and");
  fn.op("i32.shr_u");
  fn.i32(1);
  fn.op("i32.and");
};

const emitInBloom = (code: Code, filter: KeyFilter, word: Local): void => {
  const { fn } = code;
  const mixed = fn.local("i64");
  const wanted = fn.local("i64");
  fn.get(word);
  fn.i64(STEP);
  fn.op("i64.mul");
  fn.tee(mixed);
  fn.get(mixed);
  fn.i64(32);
  fn.op("i64.shr_u");
  fn.op("i64.xor");
  fn.i64(FINISH);
  fn.op("i64.mul");
  fn.set(mixed);
  // Shifts take their count modulo 64.
  [58, 52, 46].forEach((shift, i) => {
    fn.i64(1);
    fn.get(mixed);
    fn.i64(shift);
    fn.op("i64.shr_u");
    fn.op("i64.shl");
    if (i > 0) fn.op("i64.or");
  });
  fn.set(wanted);
  fn.get(filterNarrow(code, filter, "bits"));
  fn.get(mixed);
  fn.i64(14);
  fn.op("i64.shr_u");
  fn.op("i32.wrap_i64");
  fn.get(filterNarrow(code, filter, "mask"));
  fn.op("i32.and");
  fn.i32(3);
  fn.op("i32.shl");
  fn.op("i32.add");
  fn.mem("i64.load");
  fn.get(wanted);
  fn.op("i64.and");
  fn.get(wanted);
  fn.op("i64.eq");
};

/** A field of the filter, loaded once at the function's entry. */
export const filterNarrow = (code: Code, { state }: KeyFilter, field: "kind" | "bits" | "mask"): Local => {
  const { states } = code;
  return code.atEntry(`filter ${state} ${field}`, () => {
    code.fn.get(states);
    code.fn.mem("i32.load", state + runtimeFilter[field]);
  });
};

export const filterWide = (code: Code, { state }: KeyFilter, field: "min" | "range"): Local => {
  const { states } = code;
  return code.atEntry(
    `filter ${state} ${field}`,
    () => {
      code.fn.get(states);
      code.fn.mem("i64.load", state + runtimeFilter[field]);
    },
    "i64",
  );
};
