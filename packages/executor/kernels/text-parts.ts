// Lengths, positions and parts of strings. A part refers to the bytes of the whole: nothing is copied.
import { INVALID, OK, setFailure } from "./outcome";
import { addressOf, EMPTY, lengthOf, referenceTo } from "./reference";
import { findBytes } from "./search";
import { characterBytes, countCharacters, decodeCharacter, isAscii, skipBack, skipCharacters } from "./utf8";

@inline
function endOf(text: u64): usize {
  return addressOf(text) + lengthOf(text);
}

export function textLength(text: u64): i64 {
  return countCharacters(addressOf(text), endOf(text)) as i64;
}

/** Offsets and lengths up to this magnitude are allowed. */
const SUBSTRING_LIMIT: i64 = 0xffffffff;

/**
 * SUBSTRING(text FROM start FOR length): the characters start … start + length - 1 that exist. Start counts from 1, below
 * zero from the end; zero is one before the first character. A length below zero takes the characters before start. INVALID
 * beyond 32 bits.
 */
export function substring(text: u64, start: i64, length: i64): u64 {
  setFailure(OK);
  if (start < -SUBSTRING_LIMIT - 1 || start > SUBSTRING_LIMIT || length < -SUBSTRING_LIMIT - 1 || length > SUBSTRING_LIMIT) {
    setFailure(INVALID);
    return EMPTY;
  }
  const from = addressOf(text);
  const end = endOf(text);
  if (start > 0 && length >= 0) {
    // The usual case needs no count of all characters.
    if (start > (lengthOf(text) as i64)) return EMPTY;
    const far = start > 16 && isAscii(from, end);
    const first = far ? from + ((start - 1) as usize) : skipCharacters(from, end, start - 1);
    return sliceForwards(first, end, length);
  }
  let first = start >= 0 ? start - 1 : (countCharacters(from, end) as i64) + start;
  let last = first + length;
  if (length < 0) {
    const before = last;
    last = first;
    first = before;
  }
  first = max<i64>(first, 0);
  if (last <= first) return EMPTY;
  return sliceForwards(skipCharacters(from, end, first), end, last - first);
}

@inline
function sliceForwards(first: usize, end: usize, count: i64): u64 {
  // Characters take at least a byte: a count of all bytes or more is the rest.
  const last = count >= ((end - first) as i64) ? end : skipCharacters(first, end, count);
  return first == last ? EMPTY : referenceTo(first, (last - first) as u32);
}

/** The first n characters; below zero, all but the last -n. */
export function textLeft(text: u64, n: i64): u64 {
  const from = addressOf(text);
  const end = endOf(text);
  const last = n >= 0 ? skipCharacters(from, end, n) : skipBack(from, end, negated(n));
  return last == from ? EMPTY : referenceTo(from, (last - from) as u32);
}

/** The last n characters; below zero, all but the first -n. */
export function textRight(text: u64, n: i64): u64 {
  const from = addressOf(text);
  const end = endOf(text);
  const first = n >= 0 ? skipBack(from, end, n) : skipCharacters(from, end, negated(n));
  return first == end ? EMPTY : referenceTo(first, (end - first) as u32);
}

@inline
function negated(n: i64): i64 {
  return n == i64.MIN_VALUE ? i64.MAX_VALUE : -n;
}

/** Position of the first occurrence in characters from 1; 0 when there is none. */
export function textPosition(text: u64, part: u64): i64 {
  const from = addressOf(text);
  const found = findBytes(from, endOf(text), addressOf(part), lengthOf(part));
  if (found == 0) return lengthOf(part) == 0 ? 1 : 0;
  return (countCharacters(from, found) as i64) + 1;
}

const TRIM_START: i32 = 1;
const TRIM_END: i32 = 2;

/** Without the characters of `set` at the sides asked for. */
export function textTrim(text: u64, set: u64, sides: i32): u64 {
  let from = addressOf(text);
  let end = endOf(text);
  if ((sides & TRIM_START) != 0) {
    while (from < end && isIn(decodeCharacter(from, end), set)) from = min(from + characterBytes(load<u8>(from)), end);
  }
  if ((sides & TRIM_END) != 0) {
    while (end > from) {
      const last = skipBack(from, end, 1);
      if (!isIn(decodeCharacter(last, end), set)) break;
      end = last;
    }
  }
  return from == end ? EMPTY : referenceTo(from, (end - from) as u32);
}

function isIn(character: i32, set: u64): bool {
  const end = endOf(set);
  for (let at = addressOf(set); at < end; at += characterBytes(load<u8>(at))) {
    if (decodeCharacter(at, end) == character) return true;
  }
  return false;
}

/** Code point of the first character; `empty` when there is none. */
export function firstCharacter(text: u64, empty: i32): i32 {
  return lengthOf(text) == 0 ? empty : decodeCharacter(addressOf(text), endOf(text));
}

/**
 * The n-th part between separators, from the end for n below zero; empty when there is none. An empty separator parts
 * all characters.
 */
export function splitPart(text: u64, separator: u64, n: i64): u64 {
  const end = endOf(text);
  const gap = lengthOf(separator);
  let from = addressOf(text);
  let wanted = n;
  if (wanted == 0) return EMPTY;
  if (gap == 0) return n > 0 ? substring(text, min(n, SUBSTRING_LIMIT), 1) : substring(text, max(n, -SUBSTRING_LIMIT), 1);
  if (wanted < 0) {
    let parts: i64 = 1;
    for (let at = findBytes(from, end, addressOf(separator), gap); at != 0; at = findBytes(at + gap, end, addressOf(separator), gap)) parts++;
    wanted += parts + 1;
    if (wanted <= 0) return EMPTY;
  }
  while (true) {
    const found = findBytes(from, end, addressOf(separator), gap);
    if (wanted == 1) {
      const last = found == 0 ? end : found;
      return last == from ? EMPTY : referenceTo(from, (last - from) as u32);
    }
    if (found == 0) return EMPTY;
    from = found + gap;
    wanted--;
  }
}
