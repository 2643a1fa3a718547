const DECIMAL = /^[+-]?(\d+(?:_\d+)*)?(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** 10^n. */
export const pow10 = (n: number): bigint => 10n ** BigInt(n);

/** value / 10^digits, rounded half away from zero. */
export const divideRounded = (value: bigint, divisor: bigint): bigint => {
  const half = divisor / 2n;
  return value < 0n ? -((-value + half) / divisor) : (value + half) / divisor;
};

/**
 * The number times 10^scale, rounded half away from zero; undefined when the text is not a decimal number.
 * Whether it fits a precision is the caller's question.
 */
export const parseDecimal = (input: string, scale: number): bigint | undefined => {
  const text = input.trim();
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const integral = (match[1] ?? "").replaceAll("_", "");
  const fraction = match[2] ?? "";
  if (integral === "" && fraction === "") return undefined;
  const digits = BigInt(integral + fraction);
  const shift = scale - fraction.length + Number(match[3] ?? 0);
  // Nothing that far from the decimal point can round to, or fit, 38 digits.
  if (shift < -integral.length - fraction.length - 1) return 0n;
  if (digits !== 0n && shift > 100) return undefined;
  const magnitude = digits === 0n ? 0n : shift >= 0 ? digits * pow10(shift) : divideRounded(digits, pow10(-shift));
  return text.startsWith("-") ? -magnitude : magnitude;
};
