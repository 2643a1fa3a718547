import type { DataType, IntervalValue, Value } from "@headcut/plan";

const MS_PER_DAY = 86_400_000;

/** A constant as SQL would write it: `'text'`, `DATE '1995-03-15'`, `0.05`, `NULL`. */
export const printConstant = (type: DataType, value: Value): string => {
  if (value === null) return "NULL";
  switch (type.kind) {
    case "varchar":
      return quoted(String(value));
    case "date":
      return `DATE '${printDate(Number(value))}'`;
    case "time":
      return `TIME '${printTime(value as bigint, type.unit)}'`;
    case "timestamp":
      return `${type.utc ? "TIMESTAMPTZ" : "TIMESTAMP"} '${printTimestamp(value as bigint, type.unit)}'`;
    case "decimal":
      return printDecimal(value as bigint, type.scale);
    case "interval":
      return `INTERVAL '${printInterval(value as IntervalValue)}'`;
    case "blob":
    case "uuid":
      return `'\\x${Buffer.from(value as Uint8Array).toString("hex")}'`;
    case "boolean":
      return value === true ? "TRUE" : "FALSE";
    case "float":
    case "double":
      return Number.isInteger(value) ? `${String(value)}.0` : String(value);
    default:
      return String(value);
  }
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Proleptic Gregorian; years outside 0–9999 are written in full, with a sign. */
const printDate = (days: number): string => {
  const date = new Date(days * MS_PER_DAY);
  return Number.isNaN(date.getTime()) ? `day ${days}` : date.toISOString().slice(0, -14);
};

const printTime = (value: bigint, unit: "us" | "ns"): string => {
  const perSecond = unit === "ns" ? 1_000_000_000n : 1_000_000n;
  const seconds = Number(value / perSecond);
  const fraction = value % perSecond;
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) =>
    String(Math.floor(part)).padStart(2, "0"),
  );
  if (fraction === 0n) return clock.join(":");
  const digits = String(fraction)
    .padStart(unit === "ns" ? 9 : 6, "0")
    .replace(/0+$/, "");
  return `${clock.join(":")}.${digits}`;
};

const printTimestamp = (value: bigint, unit: "us" | "ns"): string => {
  const perDay = (unit === "ns" ? 1_000_000_000n : 1_000_000n) * 86_400n;
  const inDay = ((value % perDay) + perDay) % perDay;
  return `${printDate(Number((value - inDay) / perDay))} ${printTime(inDay, unit)}`;
};

const printDecimal = (unscaled: bigint, scale: number): string => {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

const printInterval = ({ months, days, micros }: IntervalValue): string => {
  const parts = [
    months === 0 ? "" : `${months} months`,
    days === 0 ? "" : `${days} days`,
    micros === 0n ? "" : `${micros} microseconds`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "0 days" : parts.join(" ");
};
