// UTF-8. Malformed bytes are harmless: a stray byte counts as a character of its own kind, and nothing is read past an end.

/** Bytes of the character that begins with this byte; 1 for a stray continuation byte. */
@inline
export function characterBytes(byte: u8): u32 {
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

@inline
function isStart(byte: u8): bool {
  return (byte & 0xc0) != 0x80;
}

/** Number of characters in [from, end). */
export function countCharacters(from: usize, end: usize): u32 {
  let count: u32 = 0;
  let at = from;
  for (; at + 16 <= end; at += 16) {
    // Continuation bytes are -128 … -65 as signed numbers.
    count += popcnt(i8x16.bitmask(i8x16.gt_s(v128.load(at), i8x16.splat(-65))));
  }
  for (; at < end; at++) count += isStart(load<u8>(at)) ? 1 : 0;
  return count;
}

/** Whether all bytes of [from, end) are ASCII. */
export function isAscii(from: usize, end: usize): bool {
  let at = from;
  for (; at + 16 <= end; at += 16) {
    if (i8x16.bitmask(v128.load(at)) != 0) return false;
  }
  for (; at < end; at++) {
    if (load<u8>(at) >= 0x80) return false;
  }
  return true;
}

/** Address `count` characters after `from`, at most `end`. */
export function skipCharacters(from: usize, end: usize, count: i64): usize {
  let at = from;
  for (let left = count; left > 0 && at < end; left--) at += characterBytes(load<u8>(at));
  return min(at, end);
}

/** Address `count` characters before `end`, at least `from`. */
export function skipBack(from: usize, end: usize, count: i64): usize {
  let at = end;
  for (let left = count; left > 0 && at > from; left--) {
    at--;
    while (at > from && !isStart(load<u8>(at))) at--;
  }
  return at;
}

/** The code point at `at`, of a character that ends before `end`; of a malformed one, its first byte. */
export function decodeCharacter(at: usize, end: usize): i32 {
  const first = load<u8>(at) as i32;
  const length = characterBytes(first as u8);
  if (length == 1 || at + length > end) return first;
  let code = first & (0x7f >> length);
  for (let i: u32 = 1; i < length; i++) code = (code << 6) | ((load<u8>(at + i) as i32) & 0x3f);
  return code;
}

/** Writes the code point and returns the address behind it. */
export function encodeCharacter(code: i32, to: usize): usize {
  if (code < 0x80) {
    store<u8>(to, code as u8);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, (0xc0 | (code >> 6)) as u8);
    store<u8>(to, (0x80 | (code & 0x3f)) as u8, 1);
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, (0xe0 | (code >> 12)) as u8);
    store<u8>(to, (0x80 | ((code >> 6) & 0x3f)) as u8, 1);
    store<u8>(to, (0x80 | (code & 0x3f)) as u8, 2);
    return to + 3;
  }
  store<u8>(to, (0xf0 | (code >> 18)) as u8);
  store<u8>(to, (0x80 | ((code >> 12) & 0x3f)) as u8, 1);
  store<u8>(to, (0x80 | ((code >> 6) & 0x3f)) as u8, 2);
  store<u8>(to, (0x80 | (code & 0x3f)) as u8, 3);
  return to + 4;
}
