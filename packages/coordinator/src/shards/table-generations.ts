import { createHash } from "node:crypto";
import type { ShardSource } from "./describe-files.ts";
import type { TableManifest } from "./table-manifest.ts";

/** The same whoever makes a table: of two that do at once, neither loses its shards. */
export const FIRST_TABLE: Pick<TableManifest, "tableId" | "createdAt"> = { tableId: "first", createdAt: 0 };

/** The table that is made where one was dropped, the same whoever makes it. */
export const nextManifest = ({ table, createdAt }: TableManifest, copies: number): TableManifest => ({
  table,
  tableId: `table ${createdAt + 1}`,
  createdAt: createdAt + 1,
  copies,
  shards: [],
});

const MARK_CHARACTERS = 12;

/**
 * The table that takes another's place. It is the same for the same files, so that a replacement that was cut off goes on when it is run again; of two others that are made at once
 * one takes the place of both.
 */
export const replacement = (
  { table, createdAt, shards }: TableManifest,
  sources: readonly ShardSource[],
  copies: number,
): TableManifest => {
  const contents = sources.map(({ shard }) => `${shard.name} ${shard.sha256}`).sort();
  const mark = createHash("sha256").update(contents.join("\n")).digest("hex").slice(0, MARK_CHARACTERS);
  return {
    table,
    tableId: `table ${createdAt + 1} ${mark}`,
    createdAt: createdAt + 1,
    copies,
    replaces: shards.map(({ name, identity }) => ({ name, identity })),
    shards: [],
  };
};

/** Files of a table that was dropped or replaced may still be there: those of the next one of the name have names of their own. */
export const ofTable = ({ tableId, createdAt }: TableManifest, source: ShardSource): ShardSource => {
  if (createdAt === 0) return source;
  const [, mark] = /^table \d+ (\w+)$/.exec(tableId) ?? [];
  const prefix = mark === undefined ? `t${createdAt}-` : `t${createdAt}-${mark}-`;
  return { ...source, shard: { ...source.shard, name: prefix + source.shard.name } };
};
