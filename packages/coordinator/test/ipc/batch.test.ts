import type { EncodedBatch } from "@headcut/executor";
import { QueryError } from "@headcut/plan";
import {
  Dictionary,
  Int32,
  RecordBatchReader,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifyChecksum, withChecksum } from "../../src/flight/checksum.ts";
import { decodeFlightData, encodeFlightData, scatteredFlightData } from "../../src/flight/flight-data-codec.ts";
import { decodeBatch } from "../../src/ipc/decode-batch.ts";
import { decodeSchema, messageKind } from "../../src/ipc/decode-schema.ts";
import { END_OF_STREAM, encapsulate, encapsulatedHeader } from "../../src/ipc/encapsulate.ts";
import { encodeBatch } from "../../src/ipc/encode-batch.ts";
import { encodeSchema } from "../../src/ipc/encode-schema.ts";
import { decompressFrame } from "../../src/ipc/lz4-frame.ts";
import { sliceBatch } from "../../src/ipc/slice-batch.ts";
import { ALL_TYPES, type AnyBatch, anyBatch } from "./arbitrary-batch.ts";

/** Plain data, so that views and copies compare alike. */
const plain = ({ rowCount, columns }: EncodedBatch): unknown => ({
  rowCount,
  columns: columns.map(({ nullCount, validity, offsets, values }) => ({
    nullCount,
    validity: validity && Buffer.from(validity).toString("hex"),
    offsets: offsets && [...offsets],
    values: Buffer.from(values).toString("hex"),
  })),
});

/** As it arrives: in a buffer of the transport, five bytes from its start. */
const received = (message: Buffer): Uint8Array => {
  const frame = new Uint8Array(message.length + 5);
  frame.set(message, 5);
  return frame.subarray(5);
};

describe("schema", () => {
  const columns = ALL_TYPES.flatMap((type, i) => [
    { name: `c${i} "ß😀"`, type, nullable: true },
    { name: "", type, nullable: type.kind === "null" },
  ]);

  it("keeps names, types and nullability of all types", () => {
    expect(decodeSchema(encodeSchema(columns))).toEqual(columns);
    expect(decodeSchema(encodeSchema([]))).toEqual([]);
    expect(messageKind(encodeSchema([]))).toBe("schema");
  });

  it("reads alike in apache-arrow", () => {
    const { schema } = RecordBatchReader.from(
      Buffer.concat([encapsulate(encodeSchema(columns)), END_OF_STREAM]),
    ).open();
    expect(schema.fields.map(({ name, nullable }) => ({ name, nullable }))).toEqual(
      columns.map(({ name, nullable }) => ({ name, nullable })),
    );
    expect(schema.fields.map(({ type }) => `${type}`).filter((_, i) => i % 2 === 0)).toEqual([
      "Null",
      "Bool",
      "Int8",
      "Int16",
      "Int32",
      "Int64",
      "Uint8",
      "Uint16",
      "Uint32",
      "Uint64",
      "Float32",
      "Float64",
      "Decimal[1e0]",
      "Decimal[15e+2]",
      "Decimal[38e+38]",
      "Decimal[38e0]",
      "Date32<DAY>",
      "Time64<MICROSECOND>",
      "Time64<NANOSECOND>",
      "Timestamp<MICROSECOND>",
      "Timestamp<NANOSECOND>",
      "Timestamp<MICROSECOND, UTC>",
      "Timestamp<NANOSECOND, UTC>",
      "Interval<MONTH_DAY_NANO>",
      "Utf8",
      "Binary",
      "FixedSizeBinary[16]",
    ]);
    expect(schema.fields[6]!.metadata.get("ARROW:FLIGHT:SQL:TYPE_NAME")).toBe("SMALLINT");
  });

  it("is taken out of its capsule", () => {
    const header = encodeSchema(columns);
    expect(Buffer.compare(encapsulatedHeader(encapsulate(header)), header)).toBe(0);
  });
});

describe("batch", () => {
  const roundTrip = ({ columns, batch }: AnyBatch, lz4: boolean): void => {
    const data = encodeBatch(batch, columns, { lz4 });
    const arrived = decodeFlightData(received(encodeFlightData(data)));
    expect(plain(decodeBatch(arrived, columns))).toEqual(plain(batch));
    expect(plain(decodeBatch(data, columns))).toEqual(plain(batch));
  };

  it("is the same after the way through a message", () => {
    fc.assert(fc.property(anyBatch, fc.boolean(), roundTrip), { numRuns: 500 });
  });

  it("is the same after being cut into slices", () => {
    fc.assert(
      fc.property(anyBatch, fc.integer({ min: 1, max: 600 }), ({ columns, batch }, maxBytes) => {
        const slices = [...sliceBatch(batch, columns, maxBytes)];
        expect(slices.reduce((rows, slice) => rows + slice.rowCount, 0)).toBe(batch.rowCount);
        let start = 0;
        for (const slice of slices) {
          const again = decodeBatch(encodeBatch(slice, columns), columns);
          for (let row = 0; row < slice.rowCount; row++) {
            for (const [i, column] of columns.entries()) {
              expect(textOf(again, i, row, column.type.kind)).toBe(textOf(batch, i, start + row, column.type.kind));
            }
          }
          start += slice.rowCount;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is its own slice when small, and is cut to the bytes that are asked for", () => {
    const rowCount = 100_000;
    const columns = [{ name: "a", type: { kind: "int64" } as const, nullable: false }];
    const values = new Uint8Array(8 * rowCount);
    const batch = { rowCount, columns: [{ nullCount: 0, validity: undefined, offsets: undefined, values }] };
    expect([...sliceBatch(batch, columns)]).toEqual([batch]);
    const slices = [...sliceBatch(batch, columns, 100_000)];
    expect(slices.map((slice) => slice.rowCount)).toEqual([...new Array(8).fill(12_496), 32]);
  });

  it("reads alike in apache-arrow", () => {
    fc.assert(
      fc.property(anyBatch, ({ columns, batch }) => {
        if (columns.length === 0) return;
        const { header, body } = encodeBatch(batch, columns);
        const table = tableFromIPC(
          Buffer.concat([encapsulate(encodeSchema(columns)), encapsulate(header, body), END_OF_STREAM]),
        );
        expect(table.numRows).toBe(batch.rowCount);
        for (const [i, { type }] of columns.entries()) {
          const vector = table.getChildAt(i)!;
          expect(vector.nullCount).toBe(batch.columns[i]!.nullCount);
          if (type.kind !== "varchar" && type.kind !== "boolean" && type.kind !== "int64") continue;
          for (let row = 0; row < batch.rowCount; row++) {
            const value: unknown = vector.get(row);
            expect(value === null ? null : String(value)).toBe(textOf(batch, i, row, type.kind));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is not copied on its way to the message, nor out of it where numbers lie well", () => {
    const columns = [{ name: "a", type: { kind: "int64" } as const, nullable: false }];
    const values = new Uint8Array(800);
    const data = encodeBatch(
      { rowCount: 100, columns: [{ nullCount: 0, validity: undefined, offsets: undefined, values }] },
      columns,
    );
    expect(data.body[0]).toBe(values);
    const arrived = received(encodeFlightData(withChecksum(data)));
    const decoded = decodeBatch(decodeFlightData(arrived), columns);
    expect(decoded.columns[0]!.values.buffer).toBe(arrived.buffer);
  });

  it("of no columns keeps its rows", () => {
    expect(decodeBatch(encodeBatch({ rowCount: 7, columns: [] }, []), [])).toEqual({ rowCount: 7, columns: [] });
  });
});

describe("hostile messages", () => {
  const columns = [
    { name: "s", type: { kind: "varchar" } as const, nullable: true },
    { name: "d", type: { kind: "decimal", precision: 20, scale: 2 } as const, nullable: false },
    { name: "b", type: { kind: "boolean" } as const, nullable: true },
  ];
  const batch: EncodedBatch = {
    rowCount: 3,
    columns: [
      {
        nullCount: 1,
        validity: Uint8Array.of(0b101),
        offsets: Int32Array.of(0, 1, 1, 4),
        values: Uint8Array.from(Buffer.from("abcd")),
      },
      { nullCount: 0, validity: undefined, offsets: undefined, values: new Uint8Array(48) },
      { nullCount: 0, validity: undefined, offsets: undefined, values: Uint8Array.of(0b111) },
    ],
  };

  /** Decodes, or throws a QueryError: nothing else. */
  const survives = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      expect(["io", "unsupported"]).toContain(error.code);
    }
  };

  it("with any byte changed, or cut off anywhere, are read or refused", () => {
    for (const lz4 of [false, true]) {
      const message = encodeFlightData(encodeBatch(batch, columns, { lz4 }));
      fc.assert(
        fc.property(fc.nat(message.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
          const bytes = cut ? message.subarray(0, at) : Buffer.from(message);
          if (!cut) bytes[at] = value;
          survives(() => decodeBatch(decodeFlightData(bytes), columns));
        }),
        { numRuns: 3000 },
      );
      const schema = encodeSchema(columns);
      fc.assert(
        fc.property(fc.nat(schema.length - 1), fc.nat(255), (at, value) => {
          const bytes = Uint8Array.from(schema);
          bytes[at] = value;
          survives(() => decodeSchema(bytes));
        }),
        { numRuns: 3000 },
      );
    }
  });

  it("of random bytes are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        survives(() => decodeBatch({ header: bytes, body: [] }, columns));
        survives(() => decodeSchema(bytes));
        survives(() => decodeFlightData(bytes));
        survives(() => encapsulatedHeader(bytes));
        survives(() => decompressFrame(bytes, 100));
      }),
      { numRuns: 3000 },
    );
  });

  const refused = (change: Partial<EncodedBatch["columns"][number]>, sentence: RegExp, index = 0): void => {
    const changed = {
      ...batch,
      columns: batch.columns.map((column, i) => (i === index ? { ...column, ...change } : column)),
    };
    expect(() => decodeBatch(encodeBatch(changed, columns), columns)).toThrow(sentence);
  };

  it("that would lead the engine astray are refused", () => {
    refused({ offsets: Int32Array.of(0, 3, 1, 4) }, /offsets of column "s" lead astray/);
    refused({ offsets: Int32Array.of(0, 1, 1, 5) }, /offsets of column "s" lead astray/);
    refused({ offsets: Int32Array.of(-1, 1, 1, 4) }, /offsets of column "s" lead astray/);
    refused({ offsets: Int32Array.of(0, 1, 4) }, /offsets of column "s" are cut off/);
    refused({ nullCount: 2 }, /has not as many NULLs/);
    refused({ nullCount: 1, validity: Uint8Array.of(0b011) }, /column "d" has NULLs and may not/, 1);
    refused({ values: new Uint8Array(47) }, /values of column "d" are cut off/, 1);
    expect(() => decodeBatch(encodeBatch(batch, columns), columns.slice(1))).toThrow(/3 columns instead of 2/);
    expect(() => decodeBatch(encodeBatch(batch, columns), [columns[0]!, columns[0]!, columns[0]!])).toThrow(QueryError);
  });

  it("of strange types are unsupported, naming the column", () => {
    const strange = encodeSchema([{ name: "odd", type: { kind: "int32" }, nullable: false }]);
    for (let i = 0; i < strange.length; i++) if (strange[i] === 32 && strange[i + 1] === 0) strange[i] = 24;
    expect(() => decodeSchema(strange)).toThrow(/column "odd" is not supported/);
    const words = vectorFromArray(["a", "b"], new Dictionary(new Utf8(), new Int32()));
    const dictionary = encapsulatedHeader(tableToIPC(new Table({ words })));
    expect(() => decodeSchema(dictionary)).toThrow(/column "words" is not supported/);
  });
});

describe("FlightData", () => {
  it("is one message, whether written at once or in pieces", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 4 }),
        fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 }), { nil: undefined }),
        (header, body, appMetadata) => {
          const data = { header, body, ...(appMetadata && { appMetadata }) };
          const bytes = encodeFlightData(data);
          const scattered = scatteredFlightData(data);
          const copy = Buffer.alloc(scattered.byteLength + 3);
          scattered.copy(copy, 3);
          expect(Buffer.compare(bytes, copy.subarray(3))).toBe(0);
          const again = decodeFlightData(bytes);
          expect(Buffer.compare(Buffer.concat(again.body), Buffer.concat(body))).toBe(0);
          expect(Buffer.compare(again.header, header)).toBe(0);
          expect(again.appMetadata && [...again.appMetadata]).toEqual(appMetadata && [...appMetadata]);
        },
      ),
    );
  });

  it("with a checksum is refused when a byte has changed, naming the peer", () => {
    const data = withChecksum({ header: Buffer.from("header"), body: [Buffer.from("body"), Buffer.from("parts")] });
    verifyChecksum(data, "node-1:8815", true);
    const message = encodeFlightData(data);
    expect((5 + message.indexOf("bodyparts")) % 8).toBe(0);
    verifyChecksum(decodeFlightData(message), "node-1:8815", true);
    for (const part of ["header", "body", "parts"]) {
      const changed = Buffer.from(message);
      changed[message.indexOf(part)]! ^= 1;
      expect(() => verifyChecksum(decodeFlightData(changed), "node-1:8815")).toThrow(/node-1:8815 was corrupted/);
    }
    expect(() => verifyChecksum({ header: new Uint8Array(0), body: [] }, "node-1:8815", true)).toThrow(
      /without a checksum/,
    );
    verifyChecksum({ header: new Uint8Array(0), body: [], appMetadata: Buffer.from("mine") }, "node-1:8815");
  });
});

/** As text, for comparison. */
const textOf = ({ columns }: EncodedBatch, index: number, row: number, kind: string): string | null => {
  const { validity, nullCount, offsets, values } = columns[index]!;
  if (kind === "null" || (nullCount > 0 && (validity![row >> 3]! & (1 << (row & 7))) === 0)) return null;
  if (offsets !== undefined) {
    const bytes = Buffer.from(values.subarray(offsets[row]!, offsets[row + 1]!));
    return kind === "varchar" ? bytes.toString() : bytes.toString("hex");
  }
  if (kind === "boolean") return String((values[row >> 3]! & (1 << (row & 7))) !== 0);
  const width = widths[kind]!;
  const bytes = Buffer.from(values.subarray(row * width, (row + 1) * width));
  return kind === "int64" ? String(bytes.readBigInt64LE()) : bytes.toString("hex");
};

const widths: Readonly<Record<string, number>> = {
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float: 4,
  double: 8,
  decimal: 16,
  date: 4,
  time: 8,
  timestamp: 8,
  interval: 16,
  uuid: 16,
};
