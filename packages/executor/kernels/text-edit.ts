// Strings made anew, in an arena. Each kernel returns 0 when that is out of memory.
import { lowerCharacter, upperCharacter } from "./case-mapping";
import { arenaAllocate } from "./memory";
import { addressOf, EMPTY, lengthOf, referenceTo } from "./reference";
import { findBytes } from "./search";
import { characterBytes, countCharacters, decodeCharacter, encodeCharacter, isAscii, skipCharacters } from "./utf8";
import { INVALID, OK, OUT_OF_MEMORY, setFailure } from "./outcome";

/** Longest string that is made: references have 32 bits, allocations 31. */
const LONGEST: u64 = 0x3fffffff;

/** Room for a string of at most so many bytes; 0 when out of memory. */
@inline
function room(bytes: u64, arena: usize): usize {
  return bytes > LONGEST ? 0 : arenaAllocate(arena, max<u32>(bytes as u32, 1));
}

@inline
function upTo(start: usize, end: usize): u64 {
  return start == end ? EMPTY : referenceTo(start, (end - start) as u32);
}

@inline
function endOf(text: u64): usize {
  return addressOf(text) + lengthOf(text);
}

export function textLower(text: u64, arena: usize): u64 {
  return mapCase(text, arena, false);
}

export function textUpper(text: u64, arena: usize): u64 {
  return mapCase(text, arena, true);
}

function mapCase(text: u64, arena: usize, upper: bool): u64 {
  const length = lengthOf(text);
  if (length == 0) return EMPTY;
  let at = addressOf(text);
  const end = endOf(text);
  // No mapping makes a character longer by more than a half.
  const ascii = isAscii(at, end);
  const start = room(ascii ? (length as u64) : (length as u64) + (length >> 1) + 4, arena);
  if (start == 0) return 0;
  let to = start;
  const first: u32 = upper ? 0x61 : 0x41;
  if (ascii) {
    for (; at + 16 <= end; at += 16, to += 16) {
      const bytes = v128.load(at);
      const letters = v128.and(i8x16.ge_u(bytes, i8x16.splat(first as i8)), i8x16.le_u(bytes, i8x16.splat((first + 25) as i8)));
      v128.store(to, v128.xor(bytes, v128.and(letters, i8x16.splat(0x20))));
    }
  }
  while (at < end) {
    const byte = load<u8>(at);
    if (byte < 0x80) {
      store<u8>(to, (byte as u32) - first < 26 ? byte ^ 0x20 : byte);
      at++;
      to++;
      continue;
    }
    const bytes = characterBytes(byte);
    if (bytes == 1 || at + bytes > end) {
      store<u8>(to, byte);
      at++;
      to++;
      continue;
    }
    const character = decodeCharacter(at, end);
    to = encodeCharacter(upper ? upperCharacter(character) : lowerCharacter(character), to);
    at += bytes;
  }
  return upTo(start, to);
}

export function textConcat(a: u64, b: u64, arena: usize): u64 {
  const aLength = lengthOf(a);
  const bLength = lengthOf(b);
  const start = room((aLength as u64) + bLength, arena);
  if (start == 0) return 0;
  memory.copy(start, addressOf(a), aLength);
  memory.copy(start + aLength, addressOf(b), bLength);
  return upTo(start, start + aLength + bLength);
}

/** Combining marks and joiners stay behind the character they belong to. */
export function textReverse(text: u64, arena: usize): u64 {
  const end = endOf(text);
  const start = room(lengthOf(text), arena);
  if (start == 0) return 0;
  let to = start + lengthOf(text);
  for (let at = addressOf(text); at < end;) {
    let next = min(at + characterBytes(load<u8>(at)), end);
    while (next < end && isAttached(decodeCharacter(next, end))) next = min(next + characterBytes(load<u8>(next)), end);
    to -= next - at;
    memory.copy(to, at, next - at);
    at = next;
  }
  return upTo(start, start + lengthOf(text));
}

/** Combining diacritical marks, variation selectors, the zero-width joiner. */
function isAttached(character: i32): bool {
  if (character < 0x300) return false;
  return character <= 0x36f || (character >= 0x1ab0 && character <= 0x1aff) || (character >= 0x1dc0 && character <= 0x1dff) ||
    character == 0x200d || (character >= 0x20d0 && character <= 0x20ff) || (character >= 0xfe00 && character <= 0xfe0f) ||
    (character >= 0xfe20 && character <= 0xfe2f);
}

export function textRepeat(text: u64, count: i64, arena: usize): u64 {
  const length = lengthOf(text);
  if (count <= 0 || length == 0) return EMPTY;
  if (count > (LONGEST as i64)) return 0;
  const total = (length as u64) * (count as u64);
  const start = room(total, arena);
  if (start == 0) return 0;
  memory.copy(start, addressOf(text), length);
  // Copies of what is there already, twice as long each time.
  let done: u32 = length;
  while (done < (total as u32)) {
    const next = min<u32>(done, (total as u32) - done);
    memory.copy(start + done, start, next);
    done += next;
  }
  return upTo(start, start + (total as u32));
}

/** Every occurrence of `from`, none overlapping; an empty `from` changes nothing. */
export function textReplace(text: u64, from: u64, by: u64, arena: usize): u64 {
  const length = lengthOf(from);
  const end = endOf(text);
  let at = addressOf(text);
  if (length == 0) return text;
  let found = findBytes(at, end, addressOf(from), length);
  if (found == 0) return text;
  let count: u64 = 0;
  for (let next = found; next != 0; next = findBytes(next + length, end, addressOf(from), length)) count++;
  const total: u64 = (lengthOf(text) as u64) + count * (lengthOf(by) as u64) - count * (length as u64);
  const start = room(total, arena);
  if (start == 0) return 0;
  let to = start;
  for (; found != 0; found = findBytes(at, end, addressOf(from), length)) {
    memory.copy(to, at, found - at);
    to += found - at;
    memory.copy(to, addressOf(by), lengthOf(by));
    to += lengthOf(by);
    at = found + length;
  }
  memory.copy(to, at, end - at);
  return upTo(start, to + (end - at));
}

/** Each character of `from` becomes the one at its place in `to`, or nothing where `to` is shorter. */
export function textTranslate(text: u64, from: u64, to: u64, arena: usize): u64 {
  const end = endOf(text);
  // A byte can become a character of four.
  const start = room((lengthOf(text) as u64) * 4, arena);
  if (start == 0) return 0;
  let out = start;
  for (let at = addressOf(text); at < end;) {
    const bytes = min<u32>(characterBytes(load<u8>(at)), (end - at) as u32);
    const place = placeOf(decodeCharacter(at, end), from);
    if (place < 0) {
      memory.copy(out, at, bytes);
      out += bytes;
    } else {
      const partner = skipCharacters(addressOf(to), endOf(to), place);
      if (partner < endOf(to)) out = encodeCharacter(decodeCharacter(partner, endOf(to)), out);
    }
    at += bytes;
  }
  return upTo(start, out);
}

function placeOf(character: i32, set: u64): i64 {
  const end = endOf(set);
  let place: i64 = 0;
  for (let at = addressOf(set); at < end; at += characterBytes(load<u8>(at))) {
    if (decodeCharacter(at, end) == character) return place;
    place++;
  }
  return -1;
}

/** Filled with `fill`, again and again, or cut at the right, to n characters. INVALID when there is nothing to fill with. */
export function textPad(text: u64, n: i32, fill: u64, atStart: bool, arena: usize): u64 {
  setFailure(OK);
  const from = addressOf(text);
  const end = endOf(text);
  const wanted: i64 = max(n, 0);
  const count = countCharacters(from, end) as i64;
  if (count >= wanted) return upTo(from, skipCharacters(from, end, wanted));
  const missing = wanted - count;
  const fillEnd = endOf(fill);
  const fillCount = countCharacters(addressOf(fill), fillEnd) as i64;
  if (fillCount == 0) {
    setFailure(INVALID);
    return EMPTY;
  }
  const whole = missing / fillCount;
  const restEnd = skipCharacters(addressOf(fill), fillEnd, missing % fillCount);
  const rest: u32 = (restEnd - addressOf(fill)) as u32;
  const total: u64 = (lengthOf(text) as u64) + (whole as u64) * (lengthOf(fill) as u64) + rest;
  const start = room(total, arena);
  if (start == 0) {
    setFailure(OUT_OF_MEMORY);
    return 0;
  }
  let to = start;
  if (!atStart) {
    memory.copy(to, from, lengthOf(text));
    to += lengthOf(text);
  }
  for (let i: i64 = 0; i < whole; i++) {
    memory.copy(to, addressOf(fill), lengthOf(fill));
    to += lengthOf(fill);
  }
  memory.copy(to, addressOf(fill), rest);
  to += rest;
  if (atStart) {
    memory.copy(to, from, lengthOf(text));
    to += lengthOf(text);
  }
  return upTo(start, to);
}

/** The character with this code point; INVALID outside Unicode. */
export function characterOf(code: i32, arena: usize): u64 {
  setFailure(OK);
  if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    setFailure(INVALID);
    return EMPTY;
  }
  const start = room(4, arena);
  if (start == 0) return 0;
  return upTo(start, encodeCharacter(code, start));
}
