// UUIDs and blobs, as text and from text. Kernels that allocate return 0 when out of memory.
import { arenaAllocate } from "./memory";
import { finish, start, writeByte } from "./digits";
import { INVALID, OK, OUT_OF_MEMORY, setFailure, setHigh } from "./outcome";
import { addressOf, EMPTY, lengthOf, referenceTo } from "./reference";

const HYPHEN: u8 = 0x2d;
const BACKSLASH: u8 = 0x5c;

@inline
function hexDigit(value: u32, letter: u8): u8 {
  return (value < 10 ? 0x30 + value : letter + value - 10) as u8;
}

/** The value of a hexadecimal digit, or -1. */
@inline
export function hexValue(byte: u8): i32 {
  const digit = (byte as u32) - 0x30;
  if (digit < 10) return digit;
  const letter = ((byte as u32) | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : -1;
}

/** 8-4-4-4-12 hexadecimal digits; the words are the UUID's with its top bit flipped. */
export function formatUuid(low: u64, high: u64, arena: usize): u64 {
  const from = start(40, arena);
  if (from == 0) return 0;
  const top = high ^ 0x8000000000000000;
  let to = from;
  for (let digit = 0; digit < 32; digit++) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) to = writeByte(HYPHEN, to);
    const word = digit < 16 ? top : low;
    to = writeByte(hexDigit(((word >> (60 - ((digit & 15) << 2))) & 15) as u32, 0x61), to);
  }
  return finish(from, to);
}

/** 32 hexadecimal digits with hyphens anywhere between them, perhaps in braces. */
export function parseUuid(text: u64): u64 {
  let at = addressOf(text);
  let end = at + lengthOf(text);
  setFailure(INVALID);
  if (at < end && load<u8>(at) == 0x7b) {
    if (load<u8>(end - 1) != 0x7d) return 0;
    at++;
    end--;
  }
  let high: u64 = 0;
  let low: u64 = 0;
  let digits = 0;
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == HYPHEN) continue;
    const value = hexValue(byte);
    if (value < 0 || digits == 32) return 0;
    if (digits < 16) high = (high << 4) | (value as u64);
    else low = (low << 4) | (value as u64);
    digits++;
  }
  if (digits != 32) return 0;
  setFailure(OK);
  setHigh((high ^ 0x8000000000000000) as i64);
  return low;
}

@inline
function isPlain(byte: u8): bool {
  return byte >= 0x20 && byte < 0x7f && byte != BACKSLASH && byte != 0x27 && byte != 0x22;
}

/** Printable ASCII as it is, but for quotes and backslashes; other bytes as \xAB. */
export function formatBlob(blob: u64, arena: usize): u64 {
  const end = addressOf(blob) + lengthOf(blob);
  let length: u64 = 0;
  for (let at = addressOf(blob); at < end; at++) length += isPlain(load<u8>(at)) ? 1 : 4;
  if (length == 0) return EMPTY;
  if (length > 0x3fffffff) return 0;
  const from = arenaAllocate(arena, length as u32);
  if (from == 0) return 0;
  let to: usize = from;
  for (let at = addressOf(blob); at < end; at++) {
    const byte = load<u8>(at);
    if (isPlain(byte)) {
      to = writeByte(byte, to);
      continue;
    }
    to = writeByte(0x78, writeByte(BACKSLASH, to));
    to = writeByte(hexDigit(byte >> 4, 0x41), to);
    to = writeByte(hexDigit(byte & 15, 0x41), to);
  }
  return finish(from, to);
}

/** The bytes of a text of ASCII characters and \xAB. */
export function parseBlob(text: u64, arena: usize): u64 {
  setFailure(OK);
  if (lengthOf(text) == 0) return EMPTY;
  const from = arenaAllocate(arena, lengthOf(text));
  if (from == 0) {
    setFailure(OUT_OF_MEMORY);
    return 0;
  }
  const end = addressOf(text) + lengthOf(text);
  let to: usize = from;
  for (let at = addressOf(text); at < end; at++) {
    const byte = load<u8>(at);
    if (byte == BACKSLASH) {
      const high = at + 3 < end && load<u8>(at, 1) == 0x78 ? hexValue(load<u8>(at, 2)) : -1;
      const low = high < 0 ? -1 : hexValue(load<u8>(at, 3));
      if (low < 0) {
        setFailure(INVALID);
        return EMPTY;
      }
      to = writeByte(((high << 4) | low) as u8, to);
      at += 3;
    } else if (byte < 0x80) {
      to = writeByte(byte, to);
    } else {
      setFailure(INVALID);
      return EMPTY;
    }
  }
  return referenceTo(from, (to - from) as u32);
}
