/** The shortest decimal number that reads back as the same float32. */
const shortestFloat32 = (value: number): string => {
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
};

/**
 * As DuckDB writes floating-point numbers: the shortest digits that read back the same, an exponent of at least two digits
 * below 1e-4 and from 1e16 on, and always a fraction or an exponent.
 */
export const formatFloat = (value: number, kind: "float" | "double"): string => {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const shortest = kind === "float" ? Number(shortestFloat32(value)) : value;
  const [mantissa, exponentText] = shortest.toExponential().split("e") as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 16) {
    const plain = plainDecimal(mantissa, exponent);
    return plain.includes(".") ? plain : `${plain}.0`;
  }
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
};

const plainDecimal = (mantissa: string, exponent: number): string => {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, "0");
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
};
