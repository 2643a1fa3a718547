/** 64 bits of hash in two lanes of 32, so that no bigint is made. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;

/** The finalizer of MurmurHash3 (Appleby): every bit of the input changes half of the output's. */
const avalanche = (value: number): number => {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/**
 * A hash of a text's UTF-16 code units. Every node of a cluster must compute the same: a change of this function moves
 * all shards to other owners.
 */
export const hashText = (text: string): Hash64 => {
  let a = PRIME_1 ^ text.length;
  let b = PRIME_2 + text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(rotate(a ^ Math.imul(unit, PRIME_2), 13), PRIME_1);
    b = Math.imul(rotate(b + Math.imul(unit, PRIME_3), 17), PRIME_2) ^ a;
  }
  return { high: avalanche(a ^ rotate(b, 7)), low: avalanche(b + PRIME_3) };
};

/** The hash of a pair, from the hashes of its parts. */
export const combine = (a: Hash64, b: Hash64): Hash64 => {
  const high = avalanche(Math.imul(a.high ^ rotate(b.low, 15), PRIME_1) + b.high);
  const low = avalanche(Math.imul(a.low + rotate(b.high, 11), PRIME_2) ^ b.low ^ high);
  return { high: avalanche(high ^ rotate(low, 16)), low };
};

/** The hash as a number strictly between 0 and 1, evenly spread: its upper 52 bits and a half. */
export const asFraction = ({ high, low }: Hash64): number => (high * 0x100000 + (low >>> 12) + 0.5) / 2 ** 52;
