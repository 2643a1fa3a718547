import type { Schema } from "apache-arrow";
import {
  Compression,
  EnabledStatistics,
  type RecordBatch,
  Table,
  transformParquetStream,
  type WriterProperties,
  WriterPropertiesBuilder,
} from "parquet-wasm";
import type { Batch } from "../generator/column.ts";
import type { TableDefinition } from "../schema.ts";
import { arrowSchema, toArrowStream } from "./arrow-form.ts";
import { ShardFile } from "./shard-file.ts";
import type { CompressionName, ShardSink } from "./sink.ts";

/** Rows of a row group at most. */
const ROW_GROUP_ROWS = 122_880;

const codecs: Readonly<Record<CompressionName, Compression>> = {
  none: Compression.UNCOMPRESSED,
  snappy: Compression.SNAPPY,
  zstd: Compression.ZSTD,
};

/** The fewest row groups that hold the rows, all of about the same size. */
export function rowGroupSize(rowCount: number): number {
  return Math.max(1, Math.ceil(rowCount / Math.ceil(rowCount / ROW_GROUP_ROWS)));
}

/** The encodings that most writers use: what is measured with these files holds for files as people have them. */
function writerProperties(table: TableDefinition, rowCount: number, compression: CompressionName): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(codecs[compression])
    .setMaxRowGroupSize(rowGroupSize(rowCount))
    .setStatisticsEnabled(EnabledStatistics.Page)
    .setDictionaryEnabled(false)
    .setCreatedBy("headcut tpch");
  for (const { name, dictionary } of table.columns)
    if (dictionary) builder = builder.setColumnDictionaryEnabled(name, true);
  return builder.build();
}

/** Writes a shard as Parquet. Batches stream through the encoder, which holds one row group at a time. */
export class ParquetSink implements ShardSink {
  readonly #schema: Schema;
  readonly #file: ShardFile;
  readonly #batches: WritableStreamDefaultWriter<RecordBatch>;
  readonly #written: Promise<void>;

  private constructor(
    schema: Schema,
    file: ShardFile,
    batches: WritableStreamDefaultWriter<RecordBatch>,
    written: Promise<void>,
  ) {
    this.#schema = schema;
    this.#file = file;
    this.#batches = batches;
    this.#written = written;
  }

  /** Opens a shard of `rowCount` rows, which is what its row groups are sized by. */
  static async create(
    path: string,
    table: TableDefinition,
    rowCount: number,
    compression: CompressionName,
  ): Promise<ParquetSink> {
    const file = await ShardFile.create(path);
    const pipe = new TransformStream<RecordBatch, RecordBatch>();
    const written = (async () => {
      // The encoder takes the schema from the first batch, so this waits for it.
      const encoded: ReadableStream<Uint8Array> = await transformParquetStream(
        pipe.readable,
        writerProperties(table, rowCount, compression),
      );
      for await (const bytes of encoded) await file.write(bytes);
    })();
    written.catch(() => undefined); // reported by finish
    return new ParquetSink(arrowSchema(table), file, pipe.writable.getWriter(), written);
  }

  async write(batch: Batch): Promise<void> {
    const table = Table.fromIPCStream(toArrowStream(this.#schema, batch));
    for (const piece of table.recordBatches()) await this.#batches.write(piece);
    table.free();
  }

  async finish(): Promise<void> {
    await this.#batches.close();
    await this.#written;
    await this.#file.commit();
  }

  async abort(): Promise<void> {
    await this.#batches.abort().catch(() => undefined);
    await this.#written.catch(() => undefined);
    await this.#file.discard();
  }
}
