import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import type { DataType } from "@headcut/plan";
import * as plan from "@headcut/plan";
import fc from "fast-check";
import { columnLayout } from "../../src/ipc/column-layout.ts";
import type { IpcColumn } from "../../src/ipc/ipc-column.ts";

/** One of each, with the parameters that matter. */
export const ALL_TYPES: readonly DataType[] = [
  plan.nullType,
  plan.boolean,
  plan.int8,
  plan.int16,
  plan.int32,
  plan.int64,
  plan.uint8,
  plan.uint16,
  plan.uint32,
  plan.uint64,
  plan.float,
  plan.double,
  plan.decimal(1, 0),
  plan.decimal(15, 2),
  plan.decimal(38, 38),
  plan.hugeint,
  plan.date,
  plan.time,
  { kind: "time", unit: "ns" },
  plan.timestamp,
  { kind: "timestamp", unit: "ns", utc: false },
  plan.timestampTz,
  { kind: "timestamp", unit: "ns", utc: true },
  plan.interval,
  plan.varchar,
  plan.blob,
  plan.uuid,
];

export interface AnyBatch {
  readonly columns: readonly IpcColumn[];
  readonly batch: EncodedBatch;
}

const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.constant(""), fc.constant("x".repeat(300)));

const column = (type: DataType, rowCount: number, nullable: boolean): fc.Arbitrary<EncodedColumn> => {
  const layout = columnLayout(type);
  if (layout.kind === "none") {
    return fc.constant({ nullCount: rowCount, validity: undefined, offsets: undefined, values: new Uint8Array(0) });
  }
  const valid = nullable
    ? fc.array(fc.boolean(), { minLength: rowCount, maxLength: rowCount })
    : fc.constant(new Array<boolean>(rowCount).fill(true));
  const rows =
    layout.kind === "variable"
      ? fc.array(text, { minLength: rowCount, maxLength: rowCount }).map(strings)
      : fc
          .uint8Array({ minLength: byteCount(layout, rowCount), maxLength: byteCount(layout, rowCount) })
          .map((values) => ({
            offsets: undefined,
            values: layout.kind === "bits" ? withoutTail(values, rowCount) : values,
          }));
  return fc.tuple(valid, rows).map(([flags, parts]) => {
    const nullCount = flags.filter((flag) => !flag).length;
    return { nullCount, validity: nullCount === 0 ? undefined : bitsOf(flags), ...parts };
  });
};

const byteCount = (layout: ReturnType<typeof columnLayout>, rows: number): number =>
  layout.kind === "fixed" ? rows * layout.bytes : Math.ceil(rows / 8);

const strings = (texts: readonly string[]): { offsets: Int32Array; values: Uint8Array } => {
  const parts = texts.map((each) => Buffer.from(each));
  const offsets = new Int32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  return { offsets, values: Uint8Array.from(Buffer.concat(parts)) };
};

export const bitsOf = (flags: readonly boolean[]): Uint8Array => {
  const out = new Uint8Array(Math.ceil(flags.length / 8));
  for (const [i, flag] of flags.entries()) if (flag) out[i >> 3]! |= 1 << (i & 7);
  return out;
};

/** Bits past the last row are zero, as the engine writes them. */
const withoutTail = (bytes: Uint8Array, rows: number): Uint8Array => {
  if ((rows & 7) !== 0) bytes[bytes.length - 1]! &= (1 << (rows & 7)) - 1;
  return bytes;
};

/** Any columns, none among them, any rows, none among them. */
export const anyBatch: fc.Arbitrary<AnyBatch> = fc
  .record({
    rowCount: fc.oneof(fc.constant(0), fc.nat({ max: 70 })),
    columns: fc.array(
      fc.record({
        name: fc.string({ unit: "grapheme", maxLength: 8 }).map((name) => Buffer.from(name).toString()),
        type: fc.constantFrom(...ALL_TYPES),
        nullable: fc.boolean(),
      }),
      { maxLength: 6 },
    ),
  })
  .chain(({ rowCount, columns }) => {
    const named = columns.map((each) => ({ ...each, nullable: each.nullable || each.type.kind === "null" }));
    return fc
      .tuple(...named.map(({ type, nullable }) => column(type, rowCount, nullable)))
      .map((encoded) => ({ columns: named, batch: { rowCount, columns: encoded } }));
  });
