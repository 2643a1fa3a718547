// Decimal digits of integers as text, and places to write them.
import { arenaAllocate } from "./memory";
import { referenceTo } from "./reference";

/** Writes the number in decimal and returns the address behind it. */
export function writeDigits(value: u64, to: usize): usize {
  return writePadded(value, countDigits(value), to);
}

@inline
export function countDigits(value: u64): u32 {
  let count: u32 = 1;
  for (let rest = value; rest >= 10; rest /= 10) count++;
  return count;
}

/** Writes the number's last `digits` digits, with zeros before it, and returns the address behind it. */
export function writePadded(value: u64, digits: u32, to: usize): usize {
  let rest = value;
  for (let at: usize = to + digits; at > to; rest /= 10) store<u8>(--at, (0x30 + (rest % 10)) as u8);
  return to + digits;
}

@inline
export function writeByte(byte: u8, to: usize): usize {
  store<u8>(to, byte);
  return to + 1;
}

/** A short text of at most `bytes`, written to the address and finished by `finish`; 0 when out of memory. */
@inline
export function start(bytes: u32, arena: usize): usize {
  return arenaAllocate(arena, bytes);
}

@inline
export function finish(from: usize, end: usize): u64 {
  return referenceTo(from, (end - from) as u32);
}
