import {
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
} from "apache-arrow";
import type { Batch, Column, TextColumn, WordColumn } from "../generator/column.ts";
import type { ColumnType, TableDefinition } from "../schema.ts";

const SCALE = 2;
const PRECISION = 15;

function arrowType(type: ColumnType): DataType {
  switch (type) {
    case "bigint":
      return new Int64();
    case "integer":
      return new Int32();
    case "decimal":
      return new Decimal(SCALE, PRECISION, 128);
    case "date":
      return new DateDay();
    case "varchar":
      return new Utf8();
  }
}

/** The table's Arrow schema; no field is nullable. */
export function arrowSchema(table: TableDefinition): Schema {
  return new Schema(table.columns.map(({ name, type }) => new Field(name, arrowType(type), false)));
}

/** 64-bit integers as pairs of 32-bit halves, the low one first: no bigint is made. */
function toInt64(values: Int32Array | Float64Array): BigInt64Array {
  const halves = new Int32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    halves[2 * i] = value | 0;
    halves[2 * i + 1] = Math.floor(value / 4294967296);
  }
  return new BigInt64Array(halves.buffer);
}

/** 128-bit integers as four 32-bit quarters, the lowest first; the upper three repeat the sign. */
function toInt128(values: Int32Array | Float64Array): Uint32Array {
  const quarters = new Int32Array(values.length * 4);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    quarters[4 * i] = value;
    if (value < 0) quarters.fill(-1, 4 * i + 1, 4 * i + 4);
  }
  return new Uint32Array(quarters.buffer);
}

/** Spells the words of a word column out, row by row. */
function spellOut({ codes, words }: WordColumn): TextColumn {
  const lengths = Int32Array.from(words, (word) => word.length);
  const offsets = new Int32Array(codes.length + 1);
  let end = 0;
  for (let i = 0; i < codes.length; i++) {
    end += lengths[codes[i]!]!;
    offsets[i + 1] = end;
  }
  const bytes = new Uint8Array(end);
  let position = 0;
  for (let i = 0; i < codes.length; i++) {
    const word = words[codes[i]!]!;
    for (let j = 0; j < word.length; j++) bytes[position++] = word[j]!;
  }
  return { kind: "text", offsets, bytes };
}

function toData(column: Column, type: DataType, length: number): Data {
  if (column.kind !== "number") {
    const { offsets, bytes } = column.kind === "word" ? spellOut(column) : column;
    return makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets: offsets, data: bytes });
  }
  const { values } = column;
  if (type instanceof Int64) return makeData({ type, length, nullCount: 0, data: toInt64(values) });
  if (type instanceof Decimal) return makeData({ type, length, nullCount: 0, data: toInt128(values) });
  const narrow = values instanceof Int32Array ? values : Int32Array.from(values);
  if (type instanceof DateDay) return makeData({ type, length, nullCount: 0, data: narrow });
  return makeData({ type: new Int32(), length, nullCount: 0, data: narrow });
}

/** A batch as an Arrow IPC stream of one record batch. */
export function toArrowStream(schema: Schema, batch: Batch): Uint8Array {
  const length = batch.rowCount;
  const children = schema.fields.map((field, i) => toData(batch.columns[i]!, field.type, length));
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
  return RecordBatchStreamWriter.writeAll([new RecordBatch(schema, data)]).toUint8Array(true);
}
