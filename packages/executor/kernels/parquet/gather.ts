// From dictionary codes to values, and rows chosen by code.
import { BAD_CODE, fail } from "./failure";

/** 0 if all codes are below `limit`, else a failure. Up to 3 codes behind the last may be read, and do not matter. */
export function checkCodes(codes: usize, count: u32, limit: u32): i32 {
  let largest = i32x4.splat(0);
  let others = i32x4.splat(0);
  const blocks = count & ~3;
  const unrolled = count & ~15;
  for (let i: u32 = 0; i < unrolled; i += 16) {
    const at = codes + ((i as usize) << 2);
    largest = i32x4.max_u(largest, i32x4.max_u(v128.load(at), v128.load(at, 16)));
    others = i32x4.max_u(others, i32x4.max_u(v128.load(at, 32), v128.load(at, 48)));
  }
  for (let i = unrolled; i < blocks; i += 4) largest = i32x4.max_u(largest, v128.load(codes + ((i as usize) << 2)));
  largest = i32x4.max_u(largest, others);
  let max = i32x4.extract_lane(largest, 0) as u32;
  max = umax(max, i32x4.extract_lane(largest, 1) as u32);
  max = umax(max, i32x4.extract_lane(largest, 2) as u32);
  max = umax(max, i32x4.extract_lane(largest, 3) as u32);
  for (let i = blocks; i < count; i++) max = umax(max, load<u32>(codes + ((i as usize) << 2)));
  return count == 0 || max < limit ? 0 : fail(BAD_CODE, codes);
}

@inline
function umax(a: u32, b: u32): u32 {
  return a > b ? a : b;
}

// `gather…`: target[row] = dictionary[codes[row]] for rows 0 … count - 1, or for the `count` rows of `selection`.

export function gather1(codes: usize, dictionary: usize, target: usize, selection: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const row: usize = selection == 0 ? i : load<u32>(selection + ((i as usize) << 2));
    store<u8>(target + row, load<u8>(dictionary + load<u32>(codes + (row << 2))));
  }
}

export function gather4(codes: usize, dictionary: usize, target: usize, selection: usize, count: u32): void {
  if (selection == 0) {
    const end = codes + ((count as usize) << 2);
    for (const unrolled = end - ((count & 3) << 2); codes < unrolled; codes += 16) {
      store<u32>(target, load<u32>(dictionary + (load<u32>(codes) << 2)));
      store<u32>(target, load<u32>(dictionary + (load<u32>(codes, 4) << 2)), 4);
      store<u32>(target, load<u32>(dictionary + (load<u32>(codes, 8) << 2)), 8);
      store<u32>(target, load<u32>(dictionary + (load<u32>(codes, 12) << 2)), 12);
      target += 16;
    }
    for (; codes < end; codes += 4) {
      store<u32>(target, load<u32>(dictionary + (load<u32>(codes) << 2)));
      target += 4;
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const at = (load<u32>(selection + ((i as usize) << 2)) as usize) << 2;
    store<u32>(target + at, load<u32>(dictionary + ((load<u32>(codes + at) as usize) << 2)));
  }
}

export function gather8(codes: usize, dictionary: usize, target: usize, selection: usize, count: u32): void {
  if (selection == 0) {
    const end = codes + ((count as usize) << 2);
    for (const unrolled = end - ((count & 3) << 2); codes < unrolled; codes += 16) {
      store<u64>(target, load<u64>(dictionary + (load<u32>(codes) << 3)));
      store<u64>(target, load<u64>(dictionary + (load<u32>(codes, 4) << 3)), 8);
      store<u64>(target, load<u64>(dictionary + (load<u32>(codes, 8) << 3)), 16);
      store<u64>(target, load<u64>(dictionary + (load<u32>(codes, 12) << 3)), 24);
      target += 32;
    }
    for (; codes < end; codes += 4) {
      store<u64>(target, load<u64>(dictionary + (load<u32>(codes) << 3)));
      target += 8;
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const row: usize = load<u32>(selection + ((i as usize) << 2));
    const code: usize = load<u32>(codes + (row << 2));
    store<u64>(target + (row << 3), load<u64>(dictionary + (code << 3)));
  }
}

export function gather16(codes: usize, dictionary: usize, target: usize, selection: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const row: usize = selection == 0 ? i : load<u32>(selection + ((i as usize) << 2));
    const code: usize = load<u32>(codes + (row << 2));
    v128.store(target + (row << 4), v128.load(dictionary + (code << 4)));
  }
}

// `selectByCodes…` writes the rows of `selection` (0: of 0 … count - 1) whose code, of 4, 2 or 1 bytes, has a 1 in `passes`, or whose
// NULL passes if they are not valid (`valid` 0: all are). `target` may be `selection`. Returns how many.

export function selectByCodes(
  codes: usize,
  valid: usize,
  passes: usize,
  nullPasses: u32,
  selection: usize,
  count: u32,
  target: usize,
): u32 {
  return selectBy<u32>(codes, valid, passes, nullPasses, selection, count, target);
}

export function selectByCodes2(
  codes: usize,
  valid: usize,
  passes: usize,
  nullPasses: u32,
  selection: usize,
  count: u32,
  target: usize,
): u32 {
  return selectBy<u16>(codes, valid, passes, nullPasses, selection, count, target);
}

export function selectByCodes1(
  codes: usize,
  valid: usize,
  passes: usize,
  nullPasses: u32,
  selection: usize,
  count: u32,
  target: usize,
): u32 {
  return selectBy<u8>(codes, valid, passes, nullPasses, selection, count, target);
}

@inline
function selectBy<T>(
  codes: usize,
  valid: usize,
  passes: usize,
  nullPasses: u32,
  selection: usize,
  count: u32,
  target: usize,
): u32 {
  // The common cases have loops without a question per row.
  if (valid != 0) return selectValidBy<T>(codes, valid, passes, nullPasses, selection, count, target);
  let next = target;
  if (selection == 0) {
    let row: u32 = 0;
    for (const unrolled = count & ~3; row < unrolled; row += 4) {
      const at = codes + (row as usize) * sizeof<T>();
      const pass: usize = load<u8>(passes + (load<T>(at) as usize));
      const pass1: usize = load<u8>(passes + (load<T>(at, sizeof<T>()) as usize));
      const pass2: usize = load<u8>(passes + (load<T>(at, 2 * sizeof<T>()) as usize));
      const pass3: usize = load<u8>(passes + (load<T>(at, 3 * sizeof<T>()) as usize));
      store<u32>(next, row);
      next += pass << 2;
      store<u32>(next, row + 1);
      next += pass1 << 2;
      store<u32>(next, row + 2);
      next += pass2 << 2;
      store<u32>(next, row + 3);
      next += pass3 << 2;
    }
    for (; row < count; row++) {
      store<u32>(next, row);
      next += (load<u8>(passes + (load<T>(codes + (row as usize) * sizeof<T>()) as usize)) as usize) << 2;
    }
  } else {
    const end = selection + ((count as usize) << 2);
    for (; selection < end; selection += 4) {
      const row: usize = load<u32>(selection);
      store<u32>(next, row as u32);
      next += (load<u8>(passes + (load<T>(codes + row * sizeof<T>()) as usize)) as usize) << 2;
    }
  }
  return ((next - target) >>> 2) as u32;
}

function selectValidBy<T>(
  codes: usize,
  valid: usize,
  passes: usize,
  nullPasses: u32,
  selection: usize,
  count: u32,
  target: usize,
): u32 {
  let selected: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row: usize = selection == 0 ? i : load<u32>(selection + ((i as usize) << 2));
    let pass: u32 = load<u8>(passes + (load<T>(codes + row * sizeof<T>()) as usize));
    pass = load<u8>(valid + row) ? pass : nullPasses;
    store<u32>(target + (selected << 2), row as u32);
    selected += pass;
  }
  return selected as u32;
}

/** Sets passes[row] = 1 for the `count` rows of `selection`. */
export function markRows(selection: usize, count: u32, passes: usize): void {
  for (let i: u32 = 0; i < count; i++) store<u8>(passes + load<u32>(selection + ((i as usize) << 2)), 1);
}

/**
 * The ranges [start, end) that cover the rows of `selection`, as pairs of u32; rows at most `gap` apart share one, and all rows do
 * where they are dense. Returns how many ranges; `target` has room for as many as rows.
 */
export function selectionRanges(selection: usize, count: u32, gap: u32, target: usize): u32 {
  if (count == 0) return 0;
  let ranges: u32 = 0;
  let start = load<u32>(selection);
  let last = load<u32>(selection + (((count - 1) as usize) << 2));
  // Where every eighth row is wanted, gaps are few: decoding them costs less than looking for them.
  if (last - start < count << 3) {
    store<u32>(target, start);
    store<u32>(target, last + 1, 4);
    return 1;
  }
  last = start;
  for (let i: u32 = 1; i < count; i++) {
    const row = load<u32>(selection + ((i as usize) << 2));
    if (row - last > gap) {
      store<u32>(target + ((ranges as usize) << 3), start);
      store<u32>(target + ((ranges as usize) << 3), last + 1, 4);
      ranges++;
      start = row;
    }
    last = row;
  }
  store<u32>(target + ((ranges as usize) << 3), start);
  store<u32>(target + ((ranges as usize) << 3), last + 1, 4);
  return ranges + 1;
}
