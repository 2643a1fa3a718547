/** The modulus of every stream: the Mersenne prime 2^31 - 1. */
const MODULUS = 2147483647;
const MULTIPLIER = 16807;

/** (a * b) mod (2^31 - 1) for a and b below 2^31, in doubles: no intermediate value reaches 2^53. */
function multiplyModulo(a: number, b: number): number {
  const upper = Math.floor(b / 32768);
  const partial = (a * upper) % MODULUS;
  return (partial * 32768 + a * (b - upper * 32768)) % MODULUS;
}

/** 16807^count mod (2^31 - 1), in O(log count): multiplying a state by it skips `count` draws. */
export function skipMultiplier(count: number): number {
  let result = 1;
  let power = MULTIPLIER;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiplyModulo(result, power);
    power = multiplyModulo(power, power);
  }
  return result;
}

/**
 * One of dbgen's random streams: the Park-Miller generator `state = state * 16807 mod (2^31 - 1)`.
 *
 * Every column of every table has a stream of its own, and every row takes a fixed number of draws from it
 * (a row that needs fewer skips the rest), so a slice of a table can start at any row.
 */
export class RandomStream {
  private state: number;

  /** The stream as it stands before row `row` (0-based), when each row takes `drawsPerRow` draws. */
  constructor(seed: number, drawsPerRow = 1, row = 0) {
    this.state = seed;
    this.skip(drawsPerRow * row);
  }

  /** The next raw state, 1 … 2^31 - 2. The product is reduced in 32-bit pieces, which V8 keeps in registers. */
  next(): number {
    const state = this.state;
    const upper = (state >>> 16) * MULTIPLIER;
    const sum = ((state & 0xffff) * MULTIPLIER + ((upper & 0x7fff) << 16) + (upper >>> 15)) | 0;
    const next = (sum & MODULUS) + (sum >>> 31);
    this.state = next;
    return next;
  }

  /** A whole number in low … high, both included, for ranges below 2^31. */
  between(low: number, high: number): number {
    return low + (((this.next() / MODULUS) * (high - low + 1)) | 0);
  }

  /** As `between`, for keys that may exceed 2^31. */
  betweenWide(low: number, high: number): number {
    return low + Math.floor((this.next() / MODULUS) * (high - low + 1));
  }

  /**
   * 30 random bits for five characters. The reference computes the range 0 … 2^31 - 1 in 32 bits, where it
   * overflows to -2^31; the data depends on it, so the draw is negative here too.
   */
  bits(): number {
    return ((this.next() / MODULUS) * -2147483648) | 0;
  }

  /** Skips `count` draws in O(log count). */
  skip(count: number): void {
    if (count > 0) this.skipBy(skipMultiplier(count));
  }

  /** Skips as many draws as `multiplier`, a result of `skipMultiplier`, stands for. */
  skipBy(multiplier: number): void {
    this.state = multiplyModulo(this.state, multiplier);
  }

  /** Skips a handful of draws one by one, which is faster than `skip` below about ten. */
  discard(count: number): void {
    for (let i = 0; i < count; i++) this.next();
  }
}
