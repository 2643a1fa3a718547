/** One column of each SQL type, with its extremes and oddities as SQL literals, and NULL among them. */
export interface TypeCase {
  readonly name: string;
  readonly type: string;
  readonly values: readonly string[];
}

export const everyType: readonly TypeCase[] = [
  { name: "b", type: "BOOLEAN", values: ["TRUE", "FALSE"] },
  { name: "i8", type: "TINYINT", values: ["-128", "127"] },
  { name: "i16", type: "SMALLINT", values: ["-32768", "32767"] },
  { name: "i32", type: "INTEGER", values: ["-2147483648", "2147483647"] },
  { name: "i64", type: "BIGINT", values: ["-9223372036854775808", "9223372036854775807"] },
  { name: "u8", type: "UTINYINT", values: ["0", "255"] },
  { name: "u16", type: "USMALLINT", values: ["0", "65535"] },
  { name: "u32", type: "UINTEGER", values: ["0", "4294967295"] },
  { name: "u64", type: "UBIGINT", values: ["0", "18446744073709551615"] },
  { name: "f", type: "FLOAT", values: ["1.5", "'-inf'"] },
  { name: "d", type: "DOUBLE", values: ["-0.1", "1e300"] },
  { name: "dec4", type: "DECIMAL(4,1)", values: ["-999.9", "999.9"] },
  { name: "dec18", type: "DECIMAL(18,6)", values: ["-999999999999.999999", "0.000001"] },
  {
    name: "dec38",
    type: "DECIMAL(38,10)",
    values: ["-9999999999999999999999999999.9999999999", "0.0000000001"],
  },
  { name: "huge", type: "HUGEINT", values: ["-99999999999999999999999999999999999999", "1"] },
  { name: "day", type: "DATE", values: ["'0001-01-01'", "'9999-12-31'"] },
  { name: "t", type: "TIME", values: ["'00:00:00'", "'23:59:59.999999'"] },
  { name: "ts", type: "TIMESTAMP", values: ["'1969-12-31 23:59:59.999999'", "'2020-02-29 12:34:56.789'"] },
  {
    name: "ts_ns",
    type: "TIMESTAMP_NS",
    values: ["'2020-01-01 00:00:00.123456789'", "'1969-12-31 23:59:59.999999999'"],
  },
  { name: "tz", type: "TIMESTAMP WITH TIME ZONE", values: ["'2020-01-01 00:00:00+02'", "'2020-01-01 00:00:00+00'"] },
  { name: "iv", type: "INTERVAL", values: ["'1 year 2 months 3 days 04:05:06.7'", "'-1 day'"] },
  { name: "s", type: "VARCHAR", values: ["'héllo, \"wörld\" 👋'", "''"] },
  { name: "bl", type: "BLOB", values: ["'\\x00ab\\xFF'", "''"] },
  {
    name: "id",
    type: "UUID",
    values: ["'00112233-4455-6677-8899-aabbccddeeff'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
  },
];

/** A SELECT of three rows: both values of every case, and NULLs; `ordinal` tells them apart. */
export const selectEveryType = (cases: readonly TypeCase[] = everyType): string => {
  const row = (ordinal: number, literal: (values: readonly string[]) => string): string =>
    `SELECT ${[`${ordinal} AS ordinal`, ...cases.map(({ name, type, values }) => `CAST(${literal(values)} AS ${type}) AS ${name}`)].join(", ")}`;
  return [row(0, ([first]) => first!), row(1, ([, second]) => second!), row(2, () => "NULL")].join(" UNION ALL ");
};
