import type { DataType } from "../data-type.ts";
import type { ColumnStatistics, FileConstant, ParquetFile, Table, TableColumn, TableSource } from "../table.ts";
import { type Codec, list, type Owner, object, omittable, union } from "./codec.ts";
import { dataType } from "./data-type-codec.ts";
import { flag, float, natural, text } from "./scalar-codecs.ts";
import { typedValueField, valueCodec } from "./value-codec.ts";

/** Bounds are read by the type of their column. */
const statistics: Codec<ColumnStatistics> = {
  encode: (value, owner) => statisticsOf(owner).encode(value),
  decode: (json, place, owner) => statisticsOf(owner).decode(json, place),
};

const statisticsOf = (owner: Owner | undefined): Codec<ColumnStatistics> => {
  const bound = omittable(valueCodec(owner!.type as DataType));
  return object<ColumnStatistics>({
    min: bound,
    max: bound,
    nullCount: omittable(natural),
    distinctCount: omittable(float),
    averageLength: omittable(float),
  });
};

export const tableColumn: Codec<TableColumn> = object<TableColumn>({
  name: text,
  type: dataType,
  nullable: flag,
  statistics: omittable(statistics),
});

export const fileConstant: Codec<FileConstant> = object<FileConstant>({
  name: text,
  type: dataType,
  value: typedValueField,
});

export const parquetFile: Codec<ParquetFile> = object<ParquetFile>({
  path: text,
  sizeBytes: natural,
  rowCount: natural,
  identity: text,
  rowGroups: omittable(object<{ readonly first: number; readonly count: number }>({ first: natural, count: natural })),
  constants: omittable(list(fileConstant)),
});

const source: Codec<TableSource> = union<TableSource>(() => ({
  parquet: { files: list(parquetFile) },
  memory: { tableId: natural },
}));

export const table: Codec<Table> = object<Table>({
  name: text,
  columns: list(tableColumn),
  rowCount: natural,
  source,
});
