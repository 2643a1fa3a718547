import { packParquetMorsels, unpackParquetMorsels } from "../parquet/packed-morsels.ts";
import type { ParquetScanPlan } from "../parquet/scan-plan.ts";
import type { StreamScanPlan } from "../streams/stream-plan.ts";
import type { MemoryScanPlan } from "../tables/scan-plan.ts";
import type { ScanPlan } from "./scan-plan.ts";

/**
 * A scan plan on its way to the threads. A message copies object by object, for each thread again, which for a thousand row groups takes
 * longer than reading them: so the numbers lie in memory that all threads see, and the strings in few pieces.
 */
export type PackedScanPlan = PackedParquetPlan | PackedMemoryPlan | StreamScanPlan;

interface PackedParquetPlan {
  readonly kind: "parquet";
  readonly morselCount: number;
  /** Of all files, with NULs between, which no path has. */
  readonly paths: string;
  readonly identities: string;
  /** The files' columns; files of one schema have the same. */
  readonly schemas: readonly ParquetScanPlan["files"][number]["columns"][];
  /** By file: index of its schema. */
  readonly schemaOf: Uint32Array;
  readonly morsels: Float64Array;
  readonly pruning: ParquetScanPlan["pruning"];
  readonly fillCache: boolean | undefined;
}

interface PackedMemoryPlan {
  readonly kind: "memory";
  readonly morselCount: number;
  readonly columnCount: number;
  /** By chunk and column: values, valid. */
  readonly chunks: Float64Array;
  /** By morsel: chunk, firstRow, rowCount. */
  readonly morsels: Float64Array;
}

export const packScanPlan = (plan: ScanPlan): PackedScanPlan => {
  switch (plan.kind) {
    case "parquet":
      return packParquet(plan);
    case "memory":
      return packMemory(plan);
    case "stream":
      return plan;
  }
};

export const unpackScanPlan = (plan: PackedScanPlan): ScanPlan => {
  switch (plan.kind) {
    case "parquet":
      return unpackParquet(plan);
    case "memory":
      return unpackMemory(plan);
    case "stream":
      return plan;
  }
};

const SEPARATOR = "\0";

const packParquet = ({ files, morsels, pruning, fillCache }: ParquetScanPlan): PackedParquetPlan => {
  const schemas = new Map<ParquetScanPlan["files"][number]["columns"], number>();
  const schemaOf = files.map(({ columns }) => {
    const index = schemas.get(columns) ?? schemas.size;
    schemas.set(columns, index);
    return index;
  });
  return {
    kind: "parquet",
    morselCount: morsels.length,
    paths: files.map(({ path }) => path).join(SEPARATOR),
    identities: files.map(({ identity }) => identity).join(SEPARATOR),
    schemas: [...schemas.keys()],
    schemaOf: Uint32Array.from(schemaOf),
    morsels: shared(packParquetMorsels(morsels)),
    pruning,
    fillCache,
  };
};

const unpackParquet = ({ paths, identities, schemas, schemaOf, ...plan }: PackedParquetPlan): ScanPlan => {
  const identityOf = identities.split(SEPARATOR);
  const files = paths
    .split(SEPARATOR)
    .slice(0, schemaOf.length)
    .map((path, i) => ({ path, identity: identityOf[i]!, columns: schemas[schemaOf[i]!]! }));
  const { pruning, fillCache } = plan;
  return { kind: "parquet", files, morsels: unpackParquetMorsels(plan.morsels), pruning, fillCache };
};

const packMemory = ({ chunks, morsels }: MemoryScanPlan): PackedMemoryPlan => ({
  kind: "memory",
  morselCount: morsels.length,
  columnCount: chunks[0]?.columns.length ?? 0,
  chunks: shared(chunks.flatMap(({ columns }) => columns.flatMap(({ values, valid }) => [values, valid]))),
  morsels: shared(morsels.flatMap(({ chunk, firstRow, rowCount }) => [chunk, firstRow, rowCount])),
});

const unpackMemory = (plan: PackedMemoryPlan): ScanPlan => {
  const columnsOf = (chunk: number): MemoryScanPlan["chunks"][number]["columns"] =>
    Array.from({ length: plan.columnCount }, (_, column) => {
      const at = 2 * (chunk * plan.columnCount + column);
      return { values: plan.chunks[at]!, valid: plan.chunks[at + 1]! };
    });
  const morsels = Array.from({ length: plan.morselCount }, (_, i) => ({
    chunk: plan.morsels[3 * i]!,
    firstRow: plan.morsels[3 * i + 1]!,
    rowCount: plan.morsels[3 * i + 2]!,
  }));
  const chunkCount = morsels.reduce((most, { chunk }) => Math.max(most, chunk + 1), 0);
  return {
    kind: "memory",
    chunks: Array.from({ length: chunkCount }, (_, chunk) => ({ columns: columnsOf(chunk) })),
    morsels,
  };
};

const shared = (numbers: readonly number[]): Float64Array => {
  const copy = new Float64Array(new SharedArrayBuffer(8 * numbers.length));
  copy.set(numbers);
  return copy;
};
