import type { DataType } from "@headcut/plan";
import { int64, varchar } from "@headcut/plan";
import { type Data, Field, Int64, makeData, RecordBatch, Schema, Struct, Utf8, vectorFromArray } from "apache-arrow";

/** A result column: its name as the query spells it (names may repeat) and its SQL type. */
export interface ResultColumn {
  readonly name: string;
  readonly type: DataType;
}

/** A result as it arrives, to be read once. Whoever takes it reads `batches` to the end or cancels it. */
export interface BatchStream {
  /** Empty for statements that return no table. */
  readonly columns: readonly ResultColumn[];
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch>;
  /** Stops what makes the batches; resolves when all it held is free. Harmless at the end. */
  cancel(): Promise<void>;
}

/** A batch without rows, for writers that take the schema from a batch. */
export const emptyBatch = (schema: Schema): RecordBatch => {
  const children = schema.fields.map(({ type }) => makeData({ type, length: 0, nullCount: 0 }));
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }));
};

/** The result of a statement that returns no table: nothing at all. */
export const noRows = (): BatchStream => textStream([], []);

/** How many rows a statement wrote. */
export const countStream = (rowCount: number): BatchStream => {
  const schema = new Schema([new Field("Count", new Int64(), false)]);
  return singleBatch(
    schema,
    [{ name: "Count", type: int64 }],
    [vectorFromArray([BigInt(rowCount)], new Int64()).data[0]!],
    1,
  );
};

/** A small result of texts, one list per row. */
export const textStream = (names: readonly string[], rows: readonly (readonly (string | null)[])[]): BatchStream => {
  const schema = new Schema(names.map((name) => new Field(name, new Utf8(), true)));
  const children = names.map(
    (_, index) =>
      vectorFromArray(
        rows.map((row) => row[index]!),
        new Utf8(),
      ).data[0]!,
  );
  return singleBatch(
    schema,
    names.map((name) => ({ name, type: varchar })),
    children,
    rows.length,
  );
};

const singleBatch = (
  schema: Schema,
  columns: readonly ResultColumn[],
  children: Data[],
  length: number,
): BatchStream => {
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
  const batches = length === 0 ? [] : [new RecordBatch(schema, data)];
  return {
    columns,
    schema,
    batches: (async function* () {
      yield* batches;
    })(),
    cancel: async () => undefined,
  };
};
