import { numberColumn, wordColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import type { Source, TableBatch } from "../source.ts";
import { TextWriter } from "../text-writer.ts";
import { nations } from "../word-lists.ts";

/** The 25 nations, whatever the scale factor (specification clause 4.2.3, NATION). */
export function* generateNation({ pool }: Source): Generator<TableBatch> {
  const rowCount = nations.length;
  const comments = new CommentStream(pool, 72, 606179079, 0);
  const comment = new TextWriter(rowCount, comments.maxLength);
  for (let row = 0; row < rowCount; row++) {
    comments.append(comment);
    comment.endValue();
  }
  const encoder = new TextEncoder();
  const columns = [
    numberColumn(Int32Array.from(nations.keys())),
    wordColumn(
      Uint8Array.from(nations.keys()),
      nations.map(([name]) => encoder.encode(name)),
    ),
    numberColumn(Int32Array.from(nations, ([, regionKey]) => regionKey)),
    comment.finish(),
  ];
  yield { table: "nation", batch: { rowCount, columns } };
}
