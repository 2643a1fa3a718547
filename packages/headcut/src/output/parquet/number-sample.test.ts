import * as arrow from "apache-arrow";
import { expect, it } from "vitest";
import { sampleNumbers } from "./number-sample.ts";

const batch = (type: arrow.DataType, values: readonly unknown[]): arrow.RecordBatch => {
  const builder = arrow.makeBuilder({ type, nullValues: [null] });
  for (const value of values) builder.append(value);
  const data = builder.finish().flush();
  const schema = new arrow.Schema([new arrow.Field("x", type, true)]);
  const struct = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type: struct, length: values.length, nullCount: 0, children: [data] }),
  );
};
const decimal = (value: bigint): Uint32Array => new Uint32Array(new BigInt64Array([value, value >> 63n]).buffer);

it.each<[string, arrow.DataType, readonly unknown[], readonly number[], 4 | 8]>([
  ["INT8", new arrow.Int8(), [1, null, -128], [1, -128], 4],
  ["UINT32", new arrow.Uint32(), [4294967295, 0], [4294967295, 0], 4],
  ["INT64", new arrow.Int64(), [-1n, null, 2n ** 40n, -(2n ** 63n)], [-1, 2 ** 40, -(2 ** 63)], 8],
  ["UINT64", new arrow.Uint64(), [2n ** 64n - 1n, 5n], [2 ** 64, 5], 8],
  ["DATE", new arrow.DateDay(), [new Date(0), new Date("1970-01-11")], [0, 10], 4],
  ["TIMESTAMP", new arrow.TimestampMicrosecond(), [1, null, -1], [1000, -1000], 8],
  ["DECIMAL(9)", new arrow.Decimal(2, 9, 128), [decimal(-5n), null, decimal(7n)], [-5, 7], 4],
  ["DECIMAL(18)", new arrow.Decimal(2, 18, 128), [decimal(-(10n ** 17n)), decimal(1n)], [-(10 ** 17), 1], 8],
])("%s, in two batches", (_, type, values, wanted, bytes) => {
  const sample = sampleNumbers(arrow, [batch(type, values), batch(type, values).slice(1)], 0)!;
  const rest = wanted.slice(1);
  expect([...sample.values]).toEqual([...wanted, ...rest]);
  expect(sample).toMatchObject({ bytes, isInteger: true });
});

it("DOUBLE is no integer", () => {
  const sample = sampleNumbers(arrow, [batch(new arrow.Float64(), [0.5, null])], 0)!;
  expect([...sample.values]).toEqual([0.5]);
  expect(sample).toMatchObject({ bytes: 8, isInteger: false });
});

it.each([new arrow.Utf8(), new arrow.Bool(), new arrow.Decimal(2, 19, 128)])("%s is no number of 64 bits", (type) => {
  expect(sampleNumbers(arrow, [batch(type, [])], 0)).toBeUndefined();
});

it("no batch is no sample", () => {
  expect(sampleNumbers(arrow, [], 0)).toBeUndefined();
});
