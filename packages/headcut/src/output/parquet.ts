import { RecordBatch, Table, tableToIPC } from "apache-arrow";
import type { BatchStream } from "../batch-stream.ts";
import type { OutputFormat, OutputOptions } from "./format.ts";

const DEFAULT_ROW_GROUP_ROWS = 122_880;

/** Parquet through parquet-wasm, streamed: at most one row group is held. */
export const writeParquet: OutputFormat = async function* (stream, options) {
  // Loaded on first use: its WebAssembly module costs start-up time that most runs do not need.
  const parquet = await import("parquet-wasm");
  const properties = writerProperties(parquet, options);
  const input = wasmBatches(stream, parquet.Table)[Symbol.asyncIterator]();
  const source = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await input.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (cause) {
        controller.error(cause);
      }
    },
  });
  const output: ReadableStream<Uint8Array> = await parquet.transformParquetStream(source, properties);
  for await (const chunk of output) yield chunk;
};

const writerProperties = (
  parquet: typeof import("parquet-wasm"),
  { compression = "snappy", rowGroupSize }: OutputOptions,
) => {
  const codec = {
    snappy: parquet.Compression.SNAPPY,
    zstd: parquet.Compression.ZSTD,
    gzip: parquet.Compression.GZIP,
    none: parquet.Compression.UNCOMPRESSED,
  }[compression];
  return new parquet.WriterPropertiesBuilder()
    .setCompression(codec)
    .setMaxRowGroupSize(rowGroupSize ?? DEFAULT_ROW_GROUP_ROWS)
    .setStatisticsEnabled(parquet.EnabledStatistics.Page)
    .setCreatedBy("headcut")
    .build();
};

/** Batches as parquet-wasm has them, in its own memory; it takes ownership of each. */
async function* wasmBatches(
  stream: BatchStream,
  WasmTable: typeof import("parquet-wasm").Table,
): AsyncGenerator<import("parquet-wasm").RecordBatch> {
  let empty = true;
  for await (const batch of stream.batches) {
    empty = false;
    yield* WasmTable.fromIPCStream(tableToIPC(new Table([batch]), "stream")).recordBatches();
  }
  if (empty) {
    const none = new Table([new RecordBatch(stream.schema)]);
    yield* WasmTable.fromIPCStream(tableToIPC(none, "stream")).recordBatches();
  }
}
