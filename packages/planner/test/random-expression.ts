/** A small repeatable source of random numbers (mulberry32). */
export interface RandomSource {
  /** A whole number from 0 up to but not including `limit`. */
  below(limit: number): number;
}

export const randomSource = (seed: number): RandomSource => {
  let state = seed >>> 0;
  return {
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * limit);
    },
  };
};

export const pick = <T>(random: RandomSource, items: readonly T[]): T => items[random.below(items.length)]!;

type Kind = "integer" | "decimal" | "double" | "text" | "date" | "timestamp" | "interval" | "boolean";
const KINDS: readonly Kind[] = ["integer", "decimal", "double", "text", "date", "timestamp", "interval", "boolean"];

const LITERALS: Readonly<Record<Kind, readonly string[]>> = {
  integer: [
    "0",
    "1",
    "-1",
    "7",
    "100::TINYINT",
    "-128::SMALLINT",
    "2147483647",
    "9223372036854775807",
    "NULL::INTEGER",
  ],
  decimal: ["0.05", "1.5", "-2.25", "100.00", "99999999.99", "0.000001"],
  double: ["0.5::DOUBLE", "-1e10", "1e-3", "0.1::FLOAT::DOUBLE", "NULL::DOUBLE"],
  text: ["''", "'abc'", "'ä😀z'", "'  x '", "'5'", "'2020-02-29'", "NULL::VARCHAR"],
  date: ["DATE '2020-02-29'", "DATE '1969-12-31'", "DATE '0001-01-01'", "NULL::DATE"],
  timestamp: ["TIMESTAMP '2020-02-29 23:59:59.999999'", "TIMESTAMP '1969-12-31 01:02:03'", "NULL::TIMESTAMP"],
  interval: ["INTERVAL '1 month'", "INTERVAL '-3 days'", "INTERVAL '1 year 2 days 03:04:05.6'", "NULL::INTERVAL"],
  boolean: ["true", "false", "NULL::BOOLEAN"],
};

type Maker = (random: RandomSource, depth: number) => string;

const of =
  (kind: Kind): Maker =>
  (random, depth) =>
    expression(random, kind, depth);

/** Expressions with holes: `{integer}` is any expression of that kind. */
const TEMPLATES: Readonly<Record<Kind, readonly string[]>> = {
  integer: [
    "({integer} + {integer})",
    "({integer} - {integer})",
    "({integer} * {integer})",
    "({integer} // {integer})",
    "({integer} % {integer})",
    "(-{integer})",
    "abs({integer})",
    "length({text})",
    "strpos({text}, {text})",
    "year({date})",
    "month({timestamp})",
    "({date} - {date})",
    "CAST({decimal} AS BIGINT)",
    "TRY_CAST({text} AS INTEGER)",
    "CASE WHEN {boolean} THEN {integer} ELSE {integer} END",
    "coalesce({integer}, {integer})",
    "nullif({integer}, {integer})",
  ],
  decimal: [
    "({decimal} + {decimal})",
    "({decimal} - {decimal})",
    "({decimal} * 1.5)",
    "({decimal} + {integer})",
    "({decimal} % {decimal})",
    "(-{decimal})",
    "round({decimal})",
    "floor({decimal})",
    "ceil({decimal})",
    "CAST({decimal} AS DECIMAL(38,3))",
    "CAST({integer} AS DECIMAL(22,2))",
  ],
  double: [
    "({double} + {double})",
    "({double} * {double})",
    "({integer} / {integer})",
    "({decimal} / {decimal})",
    "CAST({decimal} AS DOUBLE)",
    "(-{double})",
    "floor({double})",
    "round({double})",
  ],
  text: [
    "({text} || {text})",
    "substring({text}, -2, 3)",
    "left({text}, 2)",
    "reverse({text})",
    "replace({text}, 'b', {text})",
    "trim({text})",
    "CAST({integer} AS VARCHAR)",
    "CAST({decimal} AS VARCHAR)",
    "CAST({date} AS VARCHAR)",
    "CAST({timestamp} AS VARCHAR)",
    "CAST({interval} AS VARCHAR)",
    "CAST({double} AS VARCHAR)",
    "concat({text}, {integer})",
    "CASE {text} WHEN 'abc' THEN {text} END",
    "lpad({text}, 5, 'xy')",
  ],
  date: ["({date} + 30)", "({date} - 400)", "CAST({timestamp} AS DATE)", "coalesce({date}, {date})"],
  timestamp: [
    "({date} + {interval})",
    "({timestamp} + {interval})",
    "({timestamp} - {interval})",
    "CAST({date} AS TIMESTAMP)",
  ],
  interval: [
    "({interval} + {interval})",
    "({interval} - {interval})",
    "(3 * {interval})",
    "(-{interval})",
    "({timestamp} - {timestamp})",
  ],
  boolean: [
    "({integer} < {integer})",
    "({integer} = {decimal})",
    "({decimal} >= {decimal})",
    "({text} <> {text})",
    "({date} <= {timestamp})",
    "({interval} > {interval})",
    "({boolean} AND {boolean})",
    "({boolean} OR {boolean})",
    "(NOT {boolean})",
    "({integer} IS NULL)",
    "({integer} IN ({integer}, {integer}))",
    "({text} LIKE '%b%')",
    "({integer} BETWEEN {integer} AND {decimal})",
    "({boolean} IS NOT TRUE)",
    "({decimal} IS DISTINCT FROM {integer})",
    "contains({text}, {text})",
    "({double} < {decimal})",
    "starts_with({text}, 'a')",
  ],
};

const expression = (random: RandomSource, kind: Kind, depth: number): string => {
  if (depth === 0 || random.below(4) === 0) return pick(random, LITERALS[kind]);
  return pick(random, TEMPLATES[kind]).replaceAll(/\{(\w+)\}/g, (_, inner: Kind) => of(inner)(random, depth - 1));
};

/** An expression of constants, as SQL, with up to `depth` levels of operators. */
export const randomExpression = (random: RandomSource, depth: number): string =>
  expression(random, pick(random, KINDS), depth);
