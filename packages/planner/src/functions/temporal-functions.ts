import { date, double, int64, interval, time, timestamp, timestampTz, varchar } from "@headcut/plan";
import { fn, type Parameter, type Result, type ScalarFunction } from "./signature.ts";

type Overload = readonly [readonly Parameter[], Result, Parameter?];

/** Parts of a point in time or an interval; execution may read a TIMESTAMP WITH TIME ZONE as the same TIMESTAMP. */
const calendar: readonly Overload[] = [
  [[date], int64],
  [[timestamp], int64],
  [[timestampTz], int64],
  [[interval], int64],
];
const clock: readonly Overload[] = [...calendar, [[time], int64]];
const point: readonly Overload[] = [
  [[date], int64],
  [[timestamp], int64],
  [[timestampTz], int64],
];
const seconds: readonly Overload[] = [
  [[date], double],
  [[timestamp], double],
  [[timestampTz], double],
  [[interval], double],
  [[time], double],
];
const difference: readonly Overload[] = [
  [[varchar, date, date], int64],
  [[varchar, timestamp, timestamp], int64],
  [[varchar, timestampTz, timestampTz], int64],
  [[varchar, time, time], int64],
];

/** SQL's extract and date_part are rewritten to the function named after the part. */
export const PART_FUNCTIONS: readonly ScalarFunction[] = [
  fn("year", "Year; of an interval months / 12.", calendar),
  fn("month", "Month 1 … 12; of an interval months % 12.", calendar),
  fn("day dayofmonth", "Day of the month; of an interval its days.", calendar),
  fn("quarter", "Quarter 1 … 4; of an interval (months % 12) / 3 + 1.", calendar),
  fn("week weekofyear", "ISO week 1 … 53.", point),
  fn("dayofweek weekday", "Day of the week, Sunday 0 … Saturday 6.", point),
  fn("isodow", "Day of the week, Monday 1 … Sunday 7.", point),
  fn("dayofyear", "Day of the year 1 … 366.", point),
  fn("isoyear", "Year that the ISO week belongs to.", point),
  fn("yearweek", "isoyear * 100 + week.", point),
  fn("decade", "Year / 10, towards zero.", calendar),
  fn("century", "Century, the year 2000 being in the 20th.", calendar),
  fn("millennium", "Millennium, the year 2000 being in the 2nd.", calendar),
  fn("era", "1 from the year 1 on, 0 before.", point),
  fn("hour", "Hour 0 … 23; of an interval any.", clock),
  fn("minute", "Minute 0 … 59.", clock),
  fn("second", "Whole second 0 … 59.", clock),
  fn("millisecond", "Second and fraction in milliseconds, 0 … 59999.", clock),
  fn("microsecond", "Second and fraction in microseconds, 0 … 59999999.", clock),
  fn(
    "epoch",
    "Seconds since 1970-01-01, with fraction; of an interval its length with 30-day months of 365.25-day years.",
    seconds,
  ),
  fn("julian", "Julian day, with fraction.", [
    [[date], double],
    [[timestamp], double],
    [[timestampTz], double],
  ]),
];

export const TEMPORAL_FUNCTIONS: readonly ScalarFunction[] = [
  ...PART_FUNCTIONS,
  fn("epoch_ms", "Milliseconds since 1970-01-01, rounded down.", [
    [[timestamp], int64],
    [[timestampTz], int64],
  ]),
  fn("epoch_us", "Microseconds since 1970-01-01.", [
    [[timestamp], int64],
    [[timestampTz], int64],
  ]),
  fn("dayname", "English name of the day of the week.", [
    [[date], varchar],
    [[timestamp], varchar],
    [[timestampTz], varchar],
  ]),
  fn("monthname", "English name of the month.", [
    [[date], varchar],
    [[timestamp], varchar],
    [[timestampTz], varchar],
  ]),
  fn("last_day", "Last day of the month.", [
    [[date], date],
    [[timestamp], date],
    [[timestampTz], date],
  ]),
  fn(
    "date_trunc datetrunc",
    "date_trunc(unit, x): x with everything below the unit set to its least (weeks start on Monday, centuries in years divisible by 100); the unit is one of DATE_UNITS.",
    [
      [[varchar, timestamp], timestamp],
      [[varchar, timestampTz], timestampTz],
      [[varchar, interval], interval],
    ],
    { constants: [0] },
  ),
  fn(
    "date_diff datediff",
    "date_diff(unit, a, b): boundaries of the unit crossed from a to b; the unit is one of DATE_UNITS.",
    difference,
    { constants: [0] },
  ),
  fn(
    "date_sub datesub",
    "date_sub(unit, a, b): complete units from a to b; the unit is one of DATE_UNITS.",
    difference,
    { constants: [0] },
  ),
  fn("age", "age(a, b): a - b in years, months, days and time.", [
    [[timestamp, timestamp], interval],
    [[timestampTz, timestampTz], interval],
  ]),
  fn("make_date", "make_date(year, month, day); a day that does not exist is an error.", [
    [[int64, int64, int64], date],
  ]),
  fn("make_time", "make_time(hour, minute, seconds).", [[[int64, int64, double], time]]),
  fn("make_timestamp", "make_timestamp(year, month, day, hour, minute, seconds).", [
    [[int64, int64, int64, int64, int64, double], timestamp],
  ]),
  fn("to_timestamp", "Seconds since 1970-01-01 as TIMESTAMP WITH TIME ZONE.", [[[double], timestampTz]]),
  fn("to_millennia", "That many times 12000 months.", [[[int64], interval]]),
  fn("to_centuries", "That many times 1200 months.", [[[int64], interval]]),
  fn("to_decades", "That many times 120 months.", [[[int64], interval]]),
  fn("to_years", "That many times 12 months.", [[[int64], interval]]),
  fn("to_quarters", "That many times 3 months.", [[[int64], interval]]),
  fn("to_months", "That many months.", [[[int64], interval]]),
  fn("to_weeks", "That many times 7 days.", [[[int64], interval]]),
  fn("to_days", "That many days.", [[[int64], interval]]),
  fn("to_hours", "That many hours, as microseconds.", [[[int64], interval]]),
  fn("to_minutes", "That many minutes, as microseconds.", [[[int64], interval]]),
  fn("to_seconds", "That many seconds, as microseconds.", [[[double], interval]]),
  fn("to_milliseconds", "That many milliseconds, as microseconds.", [[[double], interval]]),
  fn("to_microseconds", "That many microseconds.", [[[int64], interval]]),
];

/** The units date_trunc, date_diff and date_sub are called with: constants, spelled so. */
export const DATE_UNITS = [
  "millennium",
  "century",
  "decade",
  "year",
  "quarter",
  "month",
  "week",
  "day",
  "hour",
  "minute",
  "second",
  "millisecond",
  "microsecond",
] as const;
export type DateUnit = (typeof DATE_UNITS)[number];
