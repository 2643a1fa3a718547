// Dates are days since 1970-01-01, as Arrow's DATE32 has them.

/** 1992-01-01, the first order date (STARTDATE of specification clause 4.2.3). */
export const FIRST_DATE = 8035;

/** 1995-06-17, the day the data is said to be taken (CURRENTDATE of specification clause 4.2.3). */
export const CURRENT_DATE = FIRST_DATE + 1263;

/** Days between the first and the last order date, 1998-08-02: every line is received before 1999. */
export const ORDER_DATE_SPAN = 2405;

/** A date as the text form writes it, `YYYY-MM-DD`. */
export function isoDate(daysSinceEpoch: number): string {
  return new Date(daysSinceEpoch * 86_400_000).toISOString().slice(0, 10);
}
