import type { Batch } from "../generator/column.ts";
import type { TableDefinition } from "../schema.ts";
import { ShardFile } from "./shard-file.ts";
import type { ShardSink } from "./sink.ts";
import { toText } from "./text-form.ts";

/** Writes a shard as dbgen's text; the shards of a table, one after the other, are the table's `.tbl` file. */
export class TextSink implements ShardSink {
  readonly #table: TableDefinition;
  readonly #file: ShardFile;

  private constructor(table: TableDefinition, file: ShardFile) {
    this.#table = table;
    this.#file = file;
  }

  static async create(path: string, table: TableDefinition): Promise<TextSink> {
    return new TextSink(table, await ShardFile.create(path));
  }

  async write(batch: Batch): Promise<void> {
    await this.#file.write(toText(this.#table, batch));
  }

  async finish(): Promise<void> {
    await this.#file.commit();
  }

  async abort(): Promise<void> {
    await this.#file.discard();
  }
}
