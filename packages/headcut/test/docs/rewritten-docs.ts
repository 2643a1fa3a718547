type Doc = readonly [signature: string, doc: string];

/**
 * Functions that the binder turns into other SQL, with their aliases: what the page says of them. Undefined for those that the
 * catalogue documents under the same name.
 */
export const REWRITTEN_DOCS: Readonly<Record<string, Doc | undefined>> = {
  coalesce: ["(any, …) → common type", "The first argument that is not NULL; those after it are not evaluated."],
  ifnull: ["(any, any) → common type", "`coalesce` of two."],
  nullif: ["(any, any) → any", "NULL if both are equal, else the first."],
  if: ["(BOOLEAN, any, any) → common type", "The second argument if the first is true, else the third."],
  concat: ["(any, …) → VARCHAR or BLOB", "Texts joined; NULL counts as empty, unlike in `||`."],
  mod: ["(number, number) → number", "The operator `%`."],
  add: ["(any, any) → any", "The operator `+`."],
  subtract: ["(any, any) → any", "The operator `-`."],
  multiply: ["(any, any) → any", "The operator `*`."],
  divide: ["(number, number) → number", "The operator `//`."],
  pi: ["() → DOUBLE", "π."],
  log: ["(DOUBLE) → DOUBLE; (DOUBLE, DOUBLE) → DOUBLE", "Logarithm to base 10, or `log(b, x)` to base b."],
  "date_part datepart": [
    "(VARCHAR, point in time or INTERVAL) → BIGINT",
    "`extract(part FROM x)`; the part is a constant.",
  ],
  "date_trunc datetrunc": undefined,
  "date_diff datediff": undefined,
  "date_sub datesub": undefined,
  date_add: ["(DATE or TIMESTAMP, INTERVAL) → TIMESTAMP", "The operator `+`."],
  make_date: undefined,
  age: undefined,
  concat_ws: undefined,
  timezone: ["(VARCHAR, TIMESTAMP or TIMESTAMPTZ) → TIMESTAMPTZ or TIMESTAMP", "`x AT TIME ZONE z`; only UTC."],
  "now current_timestamp get_current_timestamp": ["() → TIMESTAMPTZ", "The instant at which the statement began."],
  "localtimestamp current_localtimestamp": ["() → TIMESTAMP", "The same, in UTC."],
  "current_date today": ["() → DATE", "Its date, in UTC."],
  "current_time localtime": ["() → TIME", "Its time of day, in UTC."],
  typeof: ["(any) → VARCHAR", "The name of the argument's type."],
};
