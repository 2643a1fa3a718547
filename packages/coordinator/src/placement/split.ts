import type { ParquetFile, TableColumn } from "@headcut/plan";
import type { NodeId } from "./cluster-node.ts";

/** A row group as the footer describes it. */
export interface RowGroupLayout {
  readonly rowCount: number;
  readonly byteOffset: number;
  /** Compressed, all columns. */
  readonly byteLength: number;
}

/** Who can read a shard. */
export type Reach =
  /** A store that all nodes see: owners are computed. */
  | { readonly kind: "anywhere" }
  /** The disks of these nodes alone. */
  | { readonly kind: "held"; readonly by: readonly NodeId[] };

/** Some consecutive row groups of a file: what one node reads for one scan. */
export interface Split {
  readonly file: ParquetFile;
  readonly firstRowGroup: number;
  readonly rowGroupCount: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly rowCount: number;
  readonly reach: Reach;
  /** The file's columns with its own statistics, where they are known. They do not travel. */
  readonly columns?: readonly TableColumn[];
}

/** Compressed bytes of a split, about: small enough to spread a file of some hundred MB, large enough to be worth a request. */
export const TARGET_SPLIT_BYTES = 8 * 1024 * 1024;

export interface SplitOptions {
  readonly targetBytes?: number;
  readonly columns?: readonly TableColumn[];
}

/**
 * Cuts a file into runs of row groups of about `targetBytes`. It depends on the file alone, never on the cluster, so
 * that a split is the same one for every query and every membership. Without row groups the file is one split.
 */
export const splitFile = (
  file: ParquetFile,
  rowGroups: readonly RowGroupLayout[] | undefined,
  reach: Reach,
  { targetBytes = TARGET_SPLIT_BYTES, columns }: SplitOptions = {},
): readonly Split[] => {
  const known = columns === undefined ? {} : { columns };
  if (rowGroups === undefined) {
    const { sizeBytes, rowCount } = file;
    return [
      {
        file,
        firstRowGroup: 0,
        rowGroupCount: Number.MAX_SAFE_INTEGER,
        byteOffset: 0,
        byteLength: sizeBytes,
        rowCount,
        reach,
        ...known,
      },
    ];
  }
  const splits: Split[] = [];
  let first = 0;
  let bytes = 0;
  for (const [i, group] of rowGroups.entries()) {
    bytes += group.byteLength;
    const next = rowGroups[i + 1];
    // Half of the next one may be too much: a run ends where it is nearest to the target.
    if (next !== undefined && bytes + next.byteLength / 2 < targetBytes) continue;
    const run = rowGroups.slice(first, i + 1);
    splits.push({
      file,
      firstRowGroup: first,
      rowGroupCount: run.length,
      byteOffset: run[0]!.byteOffset,
      byteLength: bytes,
      rowCount: run.reduce((sum, { rowCount }) => sum + rowCount, 0),
      reach,
      ...known,
    });
    first = i + 1;
    bytes = 0;
  }
  return splits;
};

/** What placement hashes: the content's identity and the place in it. A rewritten file is another shard. */
export const splitKey = ({ file, byteOffset, byteLength }: Split): string =>
  `${file.path}\n${file.identity}\n${byteOffset}\n${byteLength}`;

/** For people: `part-3.parquet row groups 4–7`. */
export const describeSplit = ({ file, firstRowGroup, rowGroupCount }: Split): string => {
  if (rowGroupCount === Number.MAX_SAFE_INTEGER) return file.path;
  const last = firstRowGroup + rowGroupCount - 1;
  return rowGroupCount === 1
    ? `${file.path} row group ${firstRowGroup}`
    : `${file.path} row groups ${firstRowGroup}–${last}`;
};
