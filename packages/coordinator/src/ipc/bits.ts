/** The ones among the first `count` bits, low bits first. */
export const countBits = (bytes: Uint8Array, count: number): number => {
  const whole = count >> 3;
  let ones = 0;
  for (let i = 0; i < whole; i++) ones += onesOf(bytes[i]!);
  return (count & 7) === 0 ? ones : ones + onesOf(bytes[whole]! & ((1 << (count & 7)) - 1));
};

const onesOf = (byte: number): number => {
  const pairs = byte - ((byte >> 1) & 0x55);
  const fours = (pairs & 0x33) + ((pairs >> 2) & 0x33);
  return (fours + (fours >> 4)) & 0x0f;
};

/** `count` bits from `start` on, as bytes of their own or, where they begin with a byte, as a view. */
export const sliceBits = (bytes: Uint8Array, start: number, count: number): Uint8Array => {
  const first = start >> 3;
  const length = Math.ceil(count / 8);
  const shift = start & 7;
  if (shift === 0) return bytes.subarray(first, first + length);
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = (bytes[first + i]! >> shift) | ((bytes[first + i + 1] ?? 0) << (8 - shift));
  return out;
};
