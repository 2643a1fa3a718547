import type { Answer } from "@headcut/tpch";

/** Sums of doubles depend on their order. */
const RELATIVE_TOLERANCE = 1e-9;

/** Compares rows in their order, value by value as text, doubles as numbers. A sentence on the first difference. */
export const compareRows = ({ columns, rows }: Answer, actual: readonly (readonly unknown[])[]): string | undefined => {
  if (rows.length !== actual.length) return `${rows.length} rows were expected, but there are ${actual.length}.`;
  for (const [index, row] of rows.entries()) {
    const other = actual[index]!;
    if (other.length !== row.length) return `${row.length} columns were expected, but there are ${other.length}.`;
    for (const [column, value] of row.entries()) {
      const found = other[column] ?? null;
      if (sameValue(value, found, columns[column]!.type === "double")) continue;
      return `Row ${index + 1}, column ${columns[column]!.name}: ${value} was expected, but it is ${found}.`;
    }
  }
  return undefined;
};

const sameValue = (expected: string | null, found: unknown, approximate: boolean): boolean => {
  if (expected === null || found === null) return expected === found;
  if (expected === String(found)) return true;
  const [wanted, got] = [Number(expected), Number(found)];
  return approximate && Math.abs(wanted - got) <= RELATIVE_TOLERANCE * Math.abs(wanted);
};
