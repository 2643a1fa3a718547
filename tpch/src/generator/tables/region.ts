import { numberColumn, wordColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import type { Source, TableBatch } from "../source.ts";
import { TextWriter } from "../text-writer.ts";
import { regions } from "../word-lists.ts";

/** The five regions, whatever the scale factor (specification clause 4.2.3, REGION). */
export function* generateRegion({ pool }: Source): Generator<TableBatch> {
  const rowCount = regions.words.length;
  const comments = new CommentStream(pool, 72, 1500869201, 0);
  const comment = new TextWriter(rowCount, comments.maxLength);
  for (let row = 0; row < rowCount; row++) {
    comments.append(comment);
    comment.endValue();
  }
  const keys = Int32Array.from(regions.words.keys());
  const columns = [numberColumn(keys), wordColumn(Uint8Array.from(keys), regions.bytes), comment.finish()];
  yield { table: "region", batch: { rowCount, columns } };
}
