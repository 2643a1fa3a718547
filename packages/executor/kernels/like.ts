// LIKE: % is any text, _ any one character.
import { addressOf, lengthOf } from "./reference";
import { INVALID, OK, setFailure } from "./outcome";
import { findBytes } from "./search";
import { characterBytes } from "./utf8";

const PERCENT: u8 = 0x25;
const UNDERSCORE: u8 = 0x5f;

/**
 * A pattern of literal pieces with % between them (before the first unless `anchoredStart`, after the last unless
 * `anchoredEnd`): `pieces` refers to an array of string references, its length being their count. Each piece is taken
 * where it occurs first.
 */
export function likePieces(text: u64, pieces: u64, anchoredStart: bool, anchoredEnd: bool): bool {
  let at: usize = addressOf(text);
  let end: usize = at + lengthOf(text);
  let piece = addressOf(pieces);
  let last: usize = piece + (lengthOf(pieces) << 3);
  if (anchoredEnd) {
    last -= 8;
    const length = load<u32>(last, 4);
    if (end - at < length || memory.compare(end - length, load<u32>(last), length) != 0) return false;
    end -= length;
  }
  if (anchoredStart) {
    const length = load<u32>(piece, 4);
    if (end - at < length || memory.compare(at, load<u32>(piece), length) != 0) return false;
    at += length;
    piece += 8;
  }
  for (; piece < last; piece += 8) {
    const length = load<u32>(piece, 4);
    const found = findBytes(at, end, load<u32>(piece), length);
    if (found == 0) return false;
    at = found + length;
  }
  return true;
}

/**
 * Any pattern; `escape` is the byte that makes the next character literal, or -1. INVALID when the pattern ends with
 * it. After a mismatch only the last % is extended: those before it have their first match, which is as good as any.
 */
export function likeMatch(text: u64, pattern: u64, escape: i32): bool {
  setFailure(OK);
  let at = addressOf(text);
  const end: usize = at + lengthOf(text);
  let next = addressOf(pattern);
  const patternEnd: usize = next + lengthOf(pattern);
  let retryPattern: usize = 0;
  let retryText: usize = 0;
  while (true) {
    let matched = false;
    if (next < patternEnd) {
      const byte = load<u8>(next);
      if ((byte as i32) == escape) {
        if (next + 1 == patternEnd) {
          setFailure(INVALID);
          return false;
        }
        if (at < end && load<u8>(at) == load<u8>(next + 1)) {
          at++;
          next += 2;
          matched = true;
        }
      } else if (byte == PERCENT) {
        next++;
        if (next == patternEnd) return true;
        retryPattern = next;
        retryText = at;
        matched = true;
      } else if (at < end) {
        if (byte == UNDERSCORE) {
          at += characterBytes(load<u8>(at));
          if (at > end) at = end;
          next++;
          matched = true;
        } else if (byte == load<u8>(at)) {
          at++;
          next++;
          matched = true;
        }
      }
    } else if (at == end) {
      return true;
    }
    if (!matched) {
      if (retryPattern == 0 || retryText >= end) return false;
      retryText += characterBytes(load<u8>(retryText));
      if (retryText > end) retryText = end;
      at = retryText;
      next = retryPattern;
    }
  }
}
