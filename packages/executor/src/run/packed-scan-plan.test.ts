import fc from "fast-check";
import { expect, test } from "vitest";
import { codecs } from "../parquet/format.ts";
import type { ParquetScanPlan } from "../parquet/scan-plan.ts";
import type { FlatColumn } from "../parquet/schema.ts";
import type { MemoryScanPlan } from "../tables/scan-plan.ts";
import { packScanPlan, unpackScanPlan } from "./packed-scan-plan.ts";
import type { ScanPlan } from "./scan-plan.ts";

const throughMessage = (plan: ScanPlan): ScanPlan => unpackScanPlan(structuredClone(packScanPlan(plan)));

const column = (name: string): FlatColumn => ({
  kind: "flat",
  name,
  leaf: 0,
  physical: "INT64",
  typeLength: 0,
  optional: true,
  type: { kind: "int64" },
  timeFactor: 1,
  float16: false,
});

const offset = fc.integer({ min: 0, max: 2 ** 50 });
const bound = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const chunk = fc.record(
  {
    codec: fc.constantFrom(...codecs),
    fileOffset: offset,
    length: offset,
    uncompressedLength: offset,
    onlyDictionaryPages: fc.boolean(),
    ticket: fc.record({ slot: fc.nat(), key: fc.nat(), uses: fc.nat() }),
    range: fc.record({ min: bound, max: bound }),
  },
  { requiredKeys: ["codec", "fileOffset", "length", "uncompressedLength", "onlyDictionaryPages"] },
);
const morsel = fc.record(
  {
    file: fc.nat(5),
    rowGroup: fc.nat(),
    rowCount: offset,
    chunks: fc.array(fc.option(chunk, { nil: undefined }), { maxLength: 4 }),
    ranges: fc.array(fc.record({ start: offset, end: offset }), { maxLength: 3 }),
  },
  { requiredKeys: ["file", "rowGroup", "rowCount", "chunks"] },
);

test("threads get every number of a Parquet plan", () => {
  const schemas = [[column("a"), undefined], []];
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          path: fc.constantFrom("/data/ö.parquet", "b", "a\nb"),
          identity: fc.string({ unit: "grapheme-ascii" }),
          columns: fc.constantFrom(...schemas),
        }),
      ),
      fc.array(morsel),
      (files, morsels) => {
        const plan: ParquetScanPlan = {
          kind: "parquet",
          files,
          morsels,
          pruning: {
            filesPruned: 0,
            rowGroups: 1,
            rowGroupsPrunedByStatistics: 2,
            rowGroupsPrunedByBloomFilter: 3,
            rowsPrunedByPageIndex: 4,
          },
        };
        expect(throughMessage(plan)).toEqual(plan);
      },
    ),
  );
});

test("threads get every number of a memory table's plan", () => {
  const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(
      fc
        .nat(3)
        .chain((columns) =>
          fc.array(
            fc.array(fc.record({ values: address, valid: address }), { minLength: columns, maxLength: columns }),
          ),
        ),
      (chunks) => {
        const plan: MemoryScanPlan = {
          kind: "memory",
          chunks: chunks.map((columns) => ({ columns })),
          morsels: chunks.flatMap((_, i) => [
            { chunk: i, firstRow: 0, rowCount: 7 },
            { chunk: i, firstRow: 7, rowCount: 1 },
          ]),
        };
        expect(throughMessage(plan)).toEqual(plan);
      },
    ),
  );
});

test("threads share the numbers: a message does not copy them", () => {
  const packed = packScanPlan({
    kind: "memory",
    chunks: [{ columns: [] }],
    morsels: [{ chunk: 0, firstRow: 0, rowCount: 1 }],
  });
  if (packed.kind !== "memory") throw new Error("packed as another plan");
  expect(packed.morsels.buffer).toBeInstanceOf(SharedArrayBuffer);
});
