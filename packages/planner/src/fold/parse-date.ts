import { MAX_DATE, MIN_DATE, validDays } from "./civil-date.ts";

const DATE = /^\s*(-?)(\d{1,7})([-/\\ ])(\d{1,2})\3(\d{1,2})(?!\d)(?:\s*\((?:BC|bc|Bc|bC)\))?/;

export interface ParsedDate {
  /** Days since 1970-01-01. */
  readonly days: number;
  /** Offset behind the date. */
  readonly end: number;
}

/** A date at the start of the text: `YYYY-MM-DD` with `-`, `/`, `\` or a space between, optionally `(BC)`. */
export const parseDatePrefix = (text: string): ParsedDate | undefined => {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [whole, sign, yearText, , month, day] = match;
  const written = Number(yearText);
  const beforeChrist = whole.endsWith(")");
  if (beforeChrist && (sign === "-" || written === 0)) return undefined;
  const year = beforeChrist ? 1 - written : sign === "-" ? -written : written;
  const days = validDays(year, Number(month), Number(day));
  return days === undefined || days < MIN_DATE || days > MAX_DATE ? undefined : { days, end: whole.length };
};

/** Days since 1970-01-01, or undefined. As in DuckDB's cast, what follows the date is not looked at. */
export const parseDate = (text: string): number | undefined =>
  text.trim().toLowerCase() === "epoch" ? 0 : parseDatePrefix(text)?.days;
