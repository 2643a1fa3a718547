import { type FileConstant, pathValue, pathValues, sameType, type TableColumn } from "@headcut/plan";
import { withConstants } from "./constant-columns.ts";
import type { ShardSource } from "./describe-files.ts";

/**
 * The source as the table has its columns: a path's text is read in the type that the column has there. Where it cannot be, the file's own column serves, if it
 * has one; otherwise what remains is for `checkSameColumns` to refuse.
 */
export const fitSource = (source: ShardSource, present: readonly TableColumn[]): ShardSource => {
  const { constants } = source.shard;
  if (constants === undefined) return source;
  const texts = new Map(pathValues(source.path).map(({ name, text }) => [name.toLowerCase(), text]));
  const fitting = constants.flatMap((constant): readonly FileConstant[] => {
    const type = present.find(({ name }) => name === constant.name)?.type;
    if (type === undefined || sameType(type, constant.type)) return [constant];
    const text = texts.get(constant.name.toLowerCase());
    const value = text === undefined ? null : pathValue(text, type);
    if (value !== undefined) return [{ name: constant.name, type, value }];
    return source.ownColumns.some(({ name }) => name === constant.name) ? [] : [constant];
  });
  return {
    ...source,
    shard: { ...source.shard, constants: fitting },
    columns: withConstants(source.ownColumns, fitting, source.shard.rowCount),
  };
};
