type TextRow = readonly (string | null)[];

/** Doubles are sums in an order of their own: they may differ in their last digits. */
const RELATIVE_TOLERANCE = 1e-9;

/** Where two results first differ, in words; undefined when they are equal. `types` are SQL type names. */
export const firstDifference = (
  types: readonly string[],
  expected: readonly TextRow[],
  actual: readonly TextRow[],
  ordered: boolean,
): string | undefined => {
  if (expected.length !== actual.length) {
    return `expected ${expected.length} rows, got ${actual.length}: ${preview(expected)} against ${preview(actual)}`;
  }
  const [left, right] = ordered ? [expected, actual] : [sorted(expected, types), sorted(actual, types)];
  for (let row = 0; row < left.length; row++) {
    for (let column = 0; column < types.length; column++) {
      const [a, b] = [left[row]![column] ?? null, right[row]![column] ?? null];
      if (!sameValue(types[column]!, a, b)) {
        return `row ${row}, column ${column} (${types[column]}): expected ${show(a)}, got ${show(b)}`;
      }
    }
  }
  return undefined;
};

export const sameValue = (type: string, a: string | null, b: string | null): boolean => {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (type !== "DOUBLE" && type !== "FLOAT") return false;
  const [x, y] = [Number(a), Number(b)];
  const tolerance = type === "FLOAT" ? 1e-5 : RELATIVE_TOLERANCE;
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y), 1e-300);
};

/** Sorts by the exact columns first: the last digits of doubles must not decide the order. */
const sorted = (rows: readonly TextRow[], types: readonly string[]): TextRow[] => {
  const floating = (index: number): boolean => types[index] === "DOUBLE" || types[index] === "FLOAT";
  const key = (row: TextRow): string =>
    JSON.stringify([
      row.filter((_, index) => !floating(index)),
      row.filter((_, index) => floating(index)).map(rounded),
    ]);
  return rows
    .map((row) => [key(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
};

/** Digits that do not depend on the order of a sum; infinities and NaN stay as they are written. */
const rounded = (value: string | null): string | null =>
  value === null || !Number.isFinite(Number(value)) ? value : Number(value).toPrecision(6);
const show = (value: string | null): string => (value === null ? "NULL" : JSON.stringify(value));
const preview = (rows: readonly TextRow[]): string => JSON.stringify(rows.slice(0, 3));
