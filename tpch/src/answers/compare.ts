import { queryOf } from "../queries/queries.ts";
import type { Answer, AnswerColumn, AnswerType } from "./answer.ts";

const RELATIVE_TOLERANCE = 1e-9;

/** Fewest decimals at which a rounded average is accepted. */
const MIN_DECIMALS = 2;

type Row = readonly unknown[];

/** One spelling for each value of an exact type: decimals without trailing zeros. */
function spell(value: unknown, type: AnswerType): string {
  if (value === null || value === undefined) return "NULL";
  const text = String(value);
  if ((type !== "integer" && type !== "decimal") || !/^[+-]?\d+(\.\d*)?$/.test(text)) return text;
  const [, sign, whole, fraction] = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  const digits = `${whole || "0"}${fraction ? `.${fraction}` : ""}`;
  return sign === "-" && digits !== "0" ? `-${digits}` : digits;
}

/** Doubles agree to a relative 1e-9; one given as decimal text may be rounded to the decimals it shows. */
function sameDouble(expected: string, actual: unknown): boolean {
  const wanted = Number(expected);
  const got = Number(actual);
  const difference = Math.abs(wanted - got);
  if (difference <= RELATIVE_TOLERANCE * Math.abs(wanted)) return true;
  const decimals = typeof actual === "string" ? (actual.split(".")[1]?.length ?? 0) : 0;
  return decimals >= MIN_DECIMALS && difference <= 0.5000001 * 10 ** -decimals;
}

function sameValue(expected: string | null, actual: unknown, type: AnswerType): boolean {
  if (expected === null || actual === null || actual === undefined || type !== "double")
    return spell(expected, type) === spell(actual, type);
  return sameDouble(expected, actual);
}

/** The exact columns of a row as one text: what rows with equal sort keys are brought into order by. */
function spellRow(row: Row, columns: readonly AnswerColumn[]): string {
  return columns.map(({ type }, i) => (type === "double" ? "" : spell(row[i], type))).join("|");
}

/** The first column in which two rows differ. */
function differingColumn(expected: Row, actual: Row, columns: readonly AnswerColumn[]): number | undefined {
  const index = columns.findIndex(({ type }, i) => !sameValue(expected[i] as string | null, actual[i], type));
  return index < 0 ? undefined : index;
}

/** Cuts rows into runs that agree in the sort key. */
function* ties(rows: readonly Row[], key: (row: Row) => string): Generator<{ first: number; end: number }> {
  for (let first = 0; first < rows.length; ) {
    let end = first + 1;
    while (end < rows.length && key(rows[end]!) === key(rows[first]!)) end++;
    yield { first, end };
    first = end;
  }
}

function inOrder(rows: readonly Row[], columns: readonly AnswerColumn[]): readonly Row[] {
  if (rows.length < 2) return rows;
  const spelled = rows.map((row) => ({ row, text: spellRow(row, columns) }));
  return spelled.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ row }) => row);
}

/**
 * Compares a query's rows with its answer, value by value and in the order of ORDER BY; rows with equal sort keys
 * may come in any order. No LIMIT of TPC-H cuts such rows apart in the stored answers.
 *
 * @returns a sentence that names the first difference, or undefined when there is none.
 */
export function compareAnswers(query: number, expected: Answer, actual: readonly Row[]): string | undefined {
  const { columns, rows } = expected;
  const width = actual[0]?.length ?? columns.length;
  if (width !== columns.length) return `${columns.length} columns were expected, but there are ${width}.`;
  const { orderBy } = queryOf(query);
  const key = (row: Row) => orderBy.map((i) => spell(row[i], columns[i]!.type)).join("|");
  for (const { first, end } of ties(rows, key)) {
    const wanted = inOrder(rows.slice(first, end), columns);
    const got = inOrder(actual.slice(first, end), columns);
    for (const [i, row] of wanted.entries()) {
      const other = got[i];
      if (other === undefined) break;
      const column = differingColumn(row, other, columns);
      if (column === undefined) continue;
      const place = `Row ${first + i + 1}, column ${columns[column]!.name}`;
      return `${place}: ${row[column] ?? "NULL"} was expected, but it is ${other[column] ?? "NULL"}.`;
    }
  }
  return actual.length === rows.length
    ? undefined
    : `${rows.length} rows were expected, but there are ${actual.length}.`;
}
