import type { ByteSource } from "../io/byte-source.ts";
import { type Files, localFiles } from "../io/files.ts";
import type { CheckWanted } from "../io/while-wanted.ts";
import { corruptFile } from "./corrupt-file.ts";
import { readFooter } from "./footer.ts";
import type { ColumnChunk, FileMetadata, PhysicalType, RowGroup } from "./format.ts";
import { type ParquetColumn, readSchema } from "./schema.ts";

/** A Parquet file's footer, checked. */
export interface ParquetFileInfo {
  readonly path: string;
  readonly sizeBytes: number;
  readonly identity: string;
  readonly rowCount: number;
  readonly columns: readonly ParquetColumn[];
  readonly rowGroups: readonly RowGroup[];
  /** By leaf, as in `FileMetadata`. */
  readonly typeDefinedOrder: readonly boolean[] | undefined;
}

/** Footers by path; a changed file replaces its entry. The oldest are dropped when all together are too large. */
const cache = new Map<string, ParquetFileInfo>();
/** A column chunk's metadata takes less than a kilobyte. */
const MAX_CACHED_CHUNKS = 250_000;
let cachedChunks = 0;

const chunkCount = (info: ParquetFileInfo): number =>
  1 + info.rowGroups.reduce((sum, group) => sum + group.chunks.length, 0);

const forget = (key: string): void => {
  const info = cache.get(key);
  if (info === undefined) return;
  cache.delete(key);
  cachedChunks -= chunkCount(info);
};

const remember = (key: string, info: ParquetFileInfo): void => {
  forget(key);
  cache.set(key, info);
  cachedChunks += chunkCount(info);
  for (const old of cache.keys()) {
    if (cachedChunks <= MAX_CACHED_CHUNKS || old === key) return;
    forget(old);
  }
};

export interface OpenParquetOptions {
  /** Default: local files. */
  readonly files?: Files;
  /** Known together with an identity. */
  readonly sizeBytes?: number;
  readonly checkWanted?: CheckWanted | undefined;
}

/**
 * The footer of a Parquet file, from the cache if the file has not changed since. With `identity`, it is that file's, and the file
 * is only looked at when the footer is not known.
 * Throws QueryError "io", "corrupt-file" or "unsupported", and what `checkWanted` throws.
 */
export const openParquetFile = async (
  path: string,
  identity?: string,
  { files = localFiles, sizeBytes, checkWanted }: OpenParquetOptions = {},
): Promise<ParquetFileInfo> => {
  const isFar = files.isFar(path);
  const key = isFar ? files.scope + path : path;
  const cached = cache.get(key);
  if (cached !== undefined && cached.identity === identity) return cached;
  const isUnknown = identity === undefined || (isFar && sizeBytes === undefined);
  const current = isUnknown && (isFar || cached !== undefined) ? await files.look(path, checkWanted) : undefined;
  if (cached !== undefined && cached.identity === (identity ?? current?.identity)) return cached;
  const content = {
    ...current,
    ...(identity !== undefined && { identity }),
    ...(sizeBytes !== undefined && { sizeBytes }),
  };
  const source = files.open(path, content, { checkWanted });
  try {
    const info = await readFileInfo(source, source.identity);
    remember(key, info);
    return info;
  } finally {
    source.close();
  }
};

/** Reads and checks the footer of any source. */
export const readFileInfo = async (source: ByteSource, identity: string): Promise<ParquetFileInfo> => {
  const { path, size } = source;
  const metadata = await readFooter(source);
  const { columns, leaves } = readSchema(metadata.schema, { path });
  checkRowGroups(path, size, metadata, leaves);
  const order = metadata.typeDefinedOrder;
  return {
    path,
    sizeBytes: size,
    identity,
    rowCount: metadata.rowCount,
    columns: sameColumns(columns),
    rowGroups: metadata.rowGroups,
    typeDefinedOrder: order === undefined || order.length !== leaves.length ? undefined : order,
  };
};

/** Schemas of files seen lately: files of one table share theirs, so that what is made of it is made once. */
const schemas = new Map<string, readonly ParquetColumn[]>();
const MAX_SCHEMAS = 64;

const sameColumns = (columns: readonly ParquetColumn[]): readonly ParquetColumn[] => {
  const key = JSON.stringify(columns);
  const known = schemas.get(key);
  if (known !== undefined) return known;
  if (schemas.size >= MAX_SCHEMAS) schemas.delete(schemas.keys().next().value!);
  schemas.set(key, columns);
  return columns;
};

const checkRowGroups = (path: string, size: number, metadata: FileMetadata, leaves: readonly PhysicalType[]): void => {
  let rowCount = 0;
  metadata.rowGroups.forEach((group, rowGroup) => {
    rowCount += group.rowCount;
    const place = { path, rowGroup };
    if (group.chunks.length !== leaves.length)
      throw corruptFile(place, `${group.chunks.length} column chunks for ${leaves.length} columns`);
    group.chunks.forEach((chunk, leaf) => {
      if (chunk === undefined) return;
      if (chunk.type !== leaves[leaf])
        throw corruptFile(place, `column chunk ${leaf} has type ${chunk.type}, its column ${leaves[leaf]}`);
      if (!isInside(chunkStart(chunk), chunk.totalCompressedSize, size))
        throw corruptFile(place, `column chunk ${leaf} lies outside the file`);
    });
  });
  if (rowCount !== metadata.rowCount)
    throw corruptFile({ path }, `${rowCount} rows in row groups, ${metadata.rowCount} in the footer`);
};

const isInside = (offset: number, length: number, size: number): boolean =>
  offset >= 4 && length >= 0 && offset + length <= size;

/** Where the chunk's first page begins: its dictionary if there is one. Some writers put 0 for none. */
export const chunkStart = (chunk: ColumnChunk): number => {
  const dictionary = chunk.dictionaryPageOffset;
  return dictionary !== undefined && dictionary >= 4 && dictionary < chunk.dataPageOffset
    ? dictionary
    : chunk.dataPageOffset;
};
