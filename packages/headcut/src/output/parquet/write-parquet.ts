import { arrowSchema, loadArrow } from "@headcut/executor";
import { assert, QueryError, typeName, uniqueNames } from "@headcut/plan";
import type * as Arrow from "apache-arrow";
import type * as Parquet from "parquet-wasm";
import { type BatchStream, emptyBatch, recordBatches } from "../../batch-stream.ts";
import type { OutputFormat, OutputOptions } from "../format.ts";
import { chooseEncoding } from "./choose-encoding.ts";
import { sampleNumbers } from "./number-sample.ts";
import { peekBatches } from "./peek-batches.ts";

const DEFAULT_ROW_GROUP_ROWS = 122_880;

/** Rows of any Arrow types, dictionaries too. */
type ArrowRows = Pick<BatchStream, "columns" | "schema" | "batches">;

/** As `writeParquetBatches`. */
export const writeParquet: OutputFormat = async function* (result, options) {
  const names = uniqueNames(result.columns.map(({ name }) => name));
  const columns = result.columns.map((column, i) => ({ ...column, name: names[i]! }));
  checkTypes(columns);
  const schema = arrowSchema(await loadArrow(), columns);
  yield* writeParquetBatches(
    { columns, schema, batches: recordBatches({ columns, encodedBatches: () => result.encodedBatches() }) },
    options,
  );
};

/**
 * Columns whose names differ as Parquet through parquet-wasm, streamed: it holds about one row group, the first of which tells how each column is best encoded.
 * Throws QueryError "unsupported" for types it cannot keep.
 */
export async function* writeParquetBatches(stream: ArrowRows, options: OutputOptions): AsyncGenerator<Uint8Array> {
  checkTypes(stream.columns);
  const arrow = await loadArrow();
  const { first, all } = await peekBatches(stream.batches, options.rowGroupSize ?? DEFAULT_ROW_GROUP_ROWS);
  // Loaded on first use: its WebAssembly module costs start-up time that most runs do not need.
  const parquet = await import("parquet-wasm");
  const batches = wasmBatches(all, stream.schema, arrow, parquet);
  let failure: unknown;
  const source = new ReadableStream<Parquet.RecordBatch>(
    {
      async pull(controller) {
        try {
          const { done, value } = await batches.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (cause) {
          // The library would turn it into a text.
          failure = cause;
          controller.error(cause);
        }
      },
      async cancel() {
        await batches.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  try {
    const output: ReadableStream<Uint8Array> = await parquet.transformParquetStream(
      source,
      writerProperties(options, first, arrow, parquet),
    );
    let end: Uint8Array | undefined;
    for await (const chunk of output) {
      if (chunk.length > 0) end = chunk;
      yield chunk;
    }
    // When its writer fails, the library just ends the stream.
    if (failure === undefined) assert(endsWithMagic(end), "the Parquet file was not finished");
  } catch (cause) {
    throw failure ?? cause;
  } finally {
    await batches.return(undefined);
  }
  if (failure !== undefined) throw failure;
}

/** The library cannot write intervals, and does not say so; UUIDs would come back as blobs. */
const checkTypes = (columns: BatchStream["columns"]): void => {
  const column = columns.find(({ type }) => type.kind === "interval" || type.kind === "uuid");
  if (column === undefined) return;
  throw new QueryError(
    "unsupported",
    `column ${column.name} is of type ${typeName(column.type)}, which cannot be written to Parquet`,
    {
      hint: `CAST(${column.name} AS VARCHAR) can.`,
    },
  );
};

const endsWithMagic = (end: Uint8Array | undefined): boolean =>
  end !== undefined && String.fromCharCode(...end.subarray(-4)) === "PAR1";

const writerProperties = (
  { compression = "snappy", rowGroupSize = DEFAULT_ROW_GROUP_ROWS }: OutputOptions,
  first: readonly Arrow.RecordBatch[],
  arrow: typeof Arrow,
  parquet: typeof Parquet,
): Parquet.WriterProperties => {
  const codec = {
    snappy: parquet.Compression.SNAPPY,
    zstd: parquet.Compression.ZSTD,
    gzip: parquet.Compression.GZIP,
    none: parquet.Compression.UNCOMPRESSED,
  }[compression];
  const builder = new parquet.WriterPropertiesBuilder()
    .setCompression(codec)
    .setMaxRowGroupSize(rowGroupSize)
    .setStatisticsEnabled(parquet.EnabledStatistics.Page)
    .setCreatedBy("headcut");
  return setEncodings(builder, first, arrow, parquet).build();
};

/** Columns that are no numbers keep the library's own choice: a dictionary, and plain values when that is full. */
const setEncodings = (
  builder: Parquet.WriterPropertiesBuilder,
  first: readonly Arrow.RecordBatch[],
  arrow: typeof Arrow,
  parquet: typeof Parquet,
): Parquet.WriterPropertiesBuilder => {
  const names = first[0]?.schema.fields.map(({ name }) => name) ?? [];
  const { DELTA_BINARY_PACKED, PLAIN } = parquet.Encoding;
  return names.reduce((built, name, index) => {
    const sample = sampleNumbers(arrow, first, index);
    if (sample === undefined) return built;
    const { dictionary, otherwise } = chooseEncoding(sample);
    return built
      .setColumnDictionaryEnabled(name, dictionary)
      .setColumnEncoding(name, otherwise === "delta" ? DELTA_BINARY_PACKED : PLAIN);
  }, builder);
};

/** Batches in the library's own memory, which takes them over; at least one, since the first tells the schema. */
async function* wasmBatches(
  batches: ArrowRows["batches"],
  schema: Arrow.Schema,
  arrow: typeof Arrow,
  parquet: typeof Parquet,
): AsyncGenerator<Parquet.RecordBatch, void> {
  let isEmpty = true;
  for await (const batch of batches) {
    isEmpty = false;
    yield* convert(batch, arrow, parquet);
  }
  if (isEmpty) yield* convert(emptyBatch(arrow, schema), arrow, parquet);
}

const convert = (batch: Arrow.RecordBatch, arrow: typeof Arrow, parquet: typeof Parquet): Parquet.RecordBatch[] => {
  const table = parquet.Table.fromIPCStream(arrow.tableToIPC(new arrow.Table([batch]), "stream"));
  try {
    return table.recordBatches();
  } finally {
    table.free();
  }
};
