// Strings as references: address in the low, byte length in the high 32 bits. Bytes outside a string are never read.

/** The reference of the empty string: any address but 0 does. */
export const EMPTY: u64 = 8;

@inline
export function addressOf(reference: u64): usize {
  return reference as u32;
}

@inline
export function lengthOf(reference: u64): u32 {
  return (reference >> 32) as u32;
}

@inline
export function referenceTo(address: usize, length: u32): u64 {
  return ((length as u64) << 32) | (address as u64);
}
