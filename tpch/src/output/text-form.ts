import type { Batch, Column } from "../generator/column.ts";
import { isoDate } from "../generator/dates.ts";
import type { ColumnType, TableDefinition } from "../schema.ts";

const BAR = 124;
const NEWLINE = 10;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** Longer than any row of any table. */
const ROW_MAX_BYTES = 512;

/** Quantities are decimals in SQL, but the text form writes them without the two zeros. */
const WHOLE_DECIMALS: ReadonlySet<string> = new Set(["l_quantity"]);

/** Writes the value of `row` at `position` of `target` and returns the position after it. */
type WriteValue = (target: Uint8Array, position: number, row: number) => number;

function writeWhole(target: Uint8Array, position: number, value: number): number {
  if (value < 0) {
    target[position] = MINUS;
    return writeWhole(target, position + 1, -value);
  }
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits++;
  let rest = value;
  for (let i = position + digits - 1; i >= position; i--) {
    const quotient = Math.floor(rest / 10);
    target[i] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
  return position + digits;
}

function writeCents(target: Uint8Array, position: number, value: number): number {
  if (value < 0) {
    target[position] = MINUS;
    return writeCents(target, position + 1, -value);
  }
  const units = Math.floor(value / 100);
  const cents = value - units * 100;
  const tens = Math.floor(cents / 10);
  const point = writeWhole(target, position, units);
  target[point] = POINT;
  target[point + 1] = ZERO + tens;
  target[point + 2] = ZERO + cents - tens * 10;
  return point + 3;
}

function writeBytes(target: Uint8Array, position: number, source: Uint8Array, start: number, end: number): number {
  let to = position;
  for (let i = start; i < end; i++) target[to++] = source[i]!;
  return to;
}

const dates = new Map<number, Uint8Array>();

function dateBytes(day: number): Uint8Array {
  let bytes = dates.get(day);
  if (bytes === undefined) {
    bytes = new TextEncoder().encode(isoDate(day));
    dates.set(day, bytes);
  }
  return bytes;
}

function numberWriter(values: Int32Array | Float64Array, type: ColumnType, whole: boolean): WriteValue {
  if (type === "date")
    return (target, position, row) => {
      const bytes = dateBytes(values[row]!);
      return writeBytes(target, position, bytes, 0, bytes.length);
    };
  if (type === "decimal" && whole) return (target, position, row) => writeWhole(target, position, values[row]! / 100);
  if (type === "decimal") return (target, position, row) => writeCents(target, position, values[row]!);
  return (target, position, row) => writeWhole(target, position, values[row]!);
}

function valueWriter(column: Column, type: ColumnType, whole: boolean): WriteValue {
  switch (column.kind) {
    case "number":
      return numberWriter(column.values, type, whole);
    case "text": {
      const { bytes, offsets } = column;
      return (target, position, row) => writeBytes(target, position, bytes, offsets[row]!, offsets[row + 1]!);
    }
    case "word": {
      const { codes, words } = column;
      return (target, position, row) => {
        const word = words[codes[row]!]!;
        return writeBytes(target, position, word, 0, word.length);
      };
    }
  }
}

/** A batch as dbgen's `.tbl` text: every field ends in `|`, every row in a newline. */
export function toText(table: TableDefinition, batch: Batch): Uint8Array {
  const writers = table.columns.map(({ name, type }, i) =>
    valueWriter(batch.columns[i]!, type, WHOLE_DECIMALS.has(name)),
  );
  const target = new Uint8Array(batch.rowCount * ROW_MAX_BYTES);
  let position = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    for (let i = 0; i < writers.length; i++) {
      position = writers[i]!(target, position, row);
      target[position++] = BAR;
    }
    target[position++] = NEWLINE;
  }
  return target.subarray(0, position);
}
