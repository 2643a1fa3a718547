import { type DataType, type IntervalValue, unreachable, type Value } from "@headcut/plan";
import { civilFromDays, MICROS_PER_DAY } from "./civil-date.ts";
import { formatFloat } from "./format-float.ts";
import { pow10 } from "./parse-decimal.ts";

/** The value as DuckDB's cast to VARCHAR writes it; undefined for NULL. */
export const formatValue = (type: DataType, value: Value): string | undefined => {
  if (value === null) return undefined;
  switch (type.kind) {
    case "null":
      return undefined;
    case "boolean":
      return value === true ? "true" : "false";
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
      return String(value);
    case "float":
    case "double":
      return formatFloat(value as number, type.kind);
    case "decimal":
      return formatDecimal(value as bigint, type.scale);
    case "date":
      return formatDate(value as number);
    case "time":
      return formatTime(value as bigint, type.unit === "ns" ? 9 : 6);
    case "timestamp":
      return formatTimestamp(value as bigint, type.unit === "ns" ? 9 : 6) + (type.utc ? "+00" : "");
    case "interval":
      return formatInterval(value as IntervalValue);
    case "varchar":
      return value as string;
    case "blob":
      return formatBlob(value as Uint8Array);
    case "uuid":
      return formatUuid(value as Uint8Array);
    default:
      return unreachable(type);
  }
};

export const formatDecimal = (unscaled: bigint, scale: number): string => {
  const sign = unscaled < 0n ? "-" : "";
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  if (scale === 0) return `${sign}${magnitude}`;
  const divisor = pow10(scale);
  return `${sign}${magnitude / divisor}.${String(magnitude % divisor).padStart(scale, "0")}`;
};

const pad = (value: number | bigint, width: number): string => String(value).padStart(width, "0");

export const formatDate = (days: number): string => {
  const { year, month, day } = civilFromDays(days);
  const text = `${pad(year > 0 ? year : 1 - year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return year > 0 ? text : `${text} (BC)`;
};

/** A time of day, its fraction without trailing zeros. */
const formatTime = (value: bigint, fractionDigits: number): string => {
  const perSecond = pow10(fractionDigits);
  const seconds = value / perSecond;
  const fraction = value % perSecond;
  const clock = `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}`;
  return fraction === 0n ? clock : `${clock}.${pad(fraction, fractionDigits).replace(/0+$/, "")}`;
};

const formatTimestamp = (value: bigint, fractionDigits: number): string => {
  const perDay = (MICROS_PER_DAY * pow10(fractionDigits)) / 1_000_000n;
  const time = ((value % perDay) + perDay) % perDay;
  return `${formatDate(Number((value - time) / perDay))} ${formatTime(time, fractionDigits)}`;
};

export const formatInterval = ({ months, days, micros }: IntervalValue): string => {
  const parts: string[] = [];
  const add = (amount: number, unit: string): void => {
    if (amount !== 0) parts.push(`${amount} ${unit}${amount === 1 || amount === -1 ? "" : "s"}`);
  };
  add(Math.trunc(months / 12), "year");
  add(months % 12, "month");
  add(days, "day");
  if (micros !== 0n || parts.length === 0) {
    parts.push(`${micros < 0n ? "-" : ""}${formatTime(micros < 0n ? -micros : micros, 6)}`);
  }
  return parts.join(" ");
};

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");

/** Printable ASCII as it is, the rest as `\xNN`. */
const formatBlob = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) =>
    byte >= 32 && byte <= 126 && byte !== 92 && byte !== 39 && byte !== 34
      ? String.fromCharCode(byte)
      : `\\x${hex(byte).toUpperCase()}`,
  ).join("");

const formatUuid = (bytes: Uint8Array): string =>
  Array.from(bytes, hex)
    .join("")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
