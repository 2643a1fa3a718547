import { type DataType, date, int64, timestamp, varchar } from "./data-type.ts";
import type { Value } from "./value.ts";

/** A value that a folder's name `column=value` has for all rows of the files in it, as Hive lays tables out. */
export interface PathValue {
  readonly name: string;
  /** As it is written there; undefined is NULL. */
  readonly text: string | undefined;
}

const FOLDER = /^([^=]+)=([^=]*)$/s;
const NULL_TEXT = "__HIVE_DEFAULT_PARTITION__";

/** What the folders of a path name, each column once, in their order. The file's own name says nothing. */
export const pathValues = (path: string): readonly PathValue[] => {
  const values = new Map<string, PathValue>();
  for (const folder of path.split(/[/\\]/).slice(0, -1)) {
    const [, name, text] = FOLDER.exec(folder) ?? [];
    if (name === undefined || text === undefined || values.has(name)) continue;
    values.set(name, { name, text: isNull(text) ? undefined : text });
  }
  return [...values.values()];
};

const isNull = (text: string): boolean => text === NULL_TEXT || text.toLowerCase() === "null";

/** The type of a column that has these texts, as DuckDB finds it: DATE, TIMESTAMP or BIGINT if all of them are such, else VARCHAR. */
export const pathType = (texts: Iterable<string>): DataType => {
  const all = [...texts];
  const candidates = all.length === 0 ? [] : [date, timestamp, int64];
  return candidates.find((type) => all.every((text) => pathValue(text, type) !== undefined)) ?? varchar;
};

/** The value of a folder's text in a type that `pathType` gives; undefined if it has none. Escapes are those of URLs. */
export const pathValue = (text: string, type: DataType): Exclude<Value, null> | undefined => {
  switch (type.kind) {
    case "date":
      return dayOf(DATE.exec(text));
    case "timestamp":
      return microsOf(TIMESTAMP.exec(text));
    case "int64":
      return integerOf(text);
    case "varchar":
      return unescaped(text);
    default:
      return undefined;
  }
};

/** Without zeros in front: such texts are names, such as months, and stay as they are written. */
const INTEGER = /^-?(?:0|[1-9]\d{0,18})$/;
const MAX_INT64 = 2n ** 63n - 1n;

const integerOf = (text: string): bigint | undefined => {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text);
  return value > MAX_INT64 || value < -MAX_INT64 - 1n ? undefined : value;
};

const DATE = /^\s*(\d{1,6})-(\d{1,2})-(\d{1,2})$/;
const TIMESTAMP = /^\s*(\d{1,6})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/;
const MS_PER_DAY = 86_400_000;

const dayOf = (match: RegExpExecArray | null): number | undefined => {
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const found = new Date(0);
  found.setUTCFullYear(year, month - 1, day);
  const isThatDay = found.getUTCMonth() === month - 1 && found.getUTCDate() === day;
  return isThatDay ? found.getTime() / MS_PER_DAY : undefined;
};

const microsOf = (match: RegExpExecArray | null): bigint | undefined => {
  const day = dayOf(match);
  if (match === null || day === undefined) return undefined;
  const [hours, minutes, seconds] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const fraction = Number((match[7] ?? "").padEnd(6, "0"));
  return BigInt(((day * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000n + BigInt(fraction);
};

const unescaped = (text: string): string =>
  text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
