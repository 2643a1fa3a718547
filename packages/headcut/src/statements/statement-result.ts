import type { ClusterReport } from "@headcut/coordinator";
import type { EncodedBatch, EncodedColumn } from "@headcut/executor";
import { type Column, int64, varchar } from "@headcut/plan";

/** A result as it is made, in Arrow's bare buffers. Whoever takes it reads it to the end or cancels it. */
export interface StatementResult {
  /** Empty for statements that return no table. */
  readonly columns: readonly Pick<Column, "name" | "type" | "nullable">[];
  encodedBatches(): AsyncIterable<EncodedBatch>;
  /** Stops what makes the rows; resolves when all it held is free. Harmless at the end. */
  cancel(): Promise<void>;
  /** What a cluster did for it, once all rows have been read. */
  report?(): Promise<ClusterReport | undefined>;
}

/** The result of a statement that returns no table: nothing at all. */
export const noRows = (): StatementResult => given([], []);

/** How many rows a statement wrote. */
export const countResult = (rowCount: number): StatementResult => {
  const values = new Uint8Array(new BigInt64Array([BigInt(rowCount)]).buffer);
  const column = { nullCount: 0, validity: undefined, offsets: undefined, values };
  return given([{ name: "Count", type: int64, nullable: false }], [{ rowCount: 1, columns: [column] }]);
};

/** A small result of texts, one list per row. */
export const textResult = (names: readonly string[], rows: readonly (readonly string[])[]): StatementResult =>
  given(
    names.map((name) => ({ name, type: varchar, nullable: true })),
    rows.length === 0
      ? []
      : [{ rowCount: rows.length, columns: names.map((_, index) => textColumn(rows.map((row) => row[index]!))) }],
  );

const textColumn = (texts: readonly string[]): EncodedColumn => {
  const parts = texts.map((text) => Buffer.from(text));
  const offsets = new Int32Array(parts.length + 1);
  for (const [index, part] of parts.entries()) offsets[index + 1] = offsets[index]! + part.length;
  return { nullCount: 0, validity: undefined, offsets, values: new Uint8Array(Buffer.concat(parts)) };
};

const given = (columns: StatementResult["columns"], batches: readonly EncodedBatch[]): StatementResult => ({
  columns,
  encodedBatches: async function* () {
    yield* batches;
  },
  cancel: async () => undefined,
});
