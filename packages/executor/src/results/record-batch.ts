import type * as Arrow from "apache-arrow";
import type { EncodedBatch, EncodedColumn } from "./encoded-batch.ts";

type Library = typeof Arrow;

/** Wraps the buffers; nothing is copied. */
export const recordBatch = (arrow: Library, schema: Arrow.Schema, batch: EncodedBatch): Arrow.RecordBatch => {
  const children = schema.fields.map(({ type }, i) => columnData(arrow, type, batch.columns[i]!, batch.rowCount));
  const data = arrow.makeData({
    type: new arrow.Struct(schema.fields),
    length: batch.rowCount,
    nullCount: 0,
    children,
  });
  const made = new arrow.RecordBatch(schema, data);
  // Its constructor takes columns of one name for one column.
  return Object.assign(made, { schema });
};

/** Buffers in Arrow's order: offsets, values, validity. */
const columnData = (
  arrow: Library,
  type: Arrow.DataType,
  { nullCount, validity, offsets, values }: EncodedColumn,
  length: number,
): Arrow.Data => {
  const ArrayType = type.ArrayType as { new (buffer: ArrayBufferLike, byteOffset: number, length: number): Uint8Array };
  const elements = values.byteLength / (arrayBytes.get(ArrayType) ?? 1);
  const typed = type.typeId === arrow.Type.Null ? undefined : new ArrayType(values.buffer, values.byteOffset, elements);
  const buffers = { 0: offsets, 1: typed, 2: validity } as Partial<Arrow.Data["buffers"]>;
  return new arrow.Data(type, 0, length, nullCount, buffers);
};

const arrayBytes = new Map<unknown, number>(
  [
    Int8Array,
    Uint8Array,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ].map((type) => [type, type.BYTES_PER_ELEMENT]),
);
