import { QueryError, type TableColumn, typeName } from "@headcut/plan";
import { compareValues } from "@headcut/planner";
import {
  isOneValue,
  type PartitionRange,
  partitionKey,
  partitionKind,
  partitionRange,
  partitionText,
} from "./partition-key.ts";

/** A file of a table that is partitioned by a column. */
export interface PartitionFile {
  /** How messages call it. */
  readonly path: string;
  /** Of the shard. */
  readonly name: string;
  readonly rowCount: number;
  /** With this file's statistics. */
  readonly columns: readonly TableColumn[];
}

interface Ranged {
  readonly file: PartitionFile;
  readonly range: PartitionRange;
}

/**
 * The partition of each file, by its name; files without rows have none. By the bounds in their footers, each value must be in one file alone, unless several
 * files have this one value and no other. Throws QueryError "invalid-argument" naming two files that are not apart, or one of which that is not known.
 */
export const checkPartitions = (column: string, files: readonly PartitionFile[]): ReadonlyMap<string, string> => {
  const ranged = files
    .filter(({ rowCount }) => rowCount > 0)
    .map((file): Ranged => ({ file, range: rangeOf(column, file) }))
    .sort((a, b) => compareValues(a.range.min, b.range.min) || compareValues(a.range.max, b.range.max));
  ranged.forEach((next, i) => {
    // Those before are apart from each other, so that the last of them reaches furthest.
    const last = ranged[i - 1];
    if (last === undefined || compareValues(last.range.max, next.range.min) < 0) return;
    if (isOneValue(last.range) && isOneValue(next.range)) return;
    throw new QueryError(
      "invalid-argument",
      `${describe(last)} and ${describe(next)} may have equal values of "${column}"`,
      {
        hint: "A table is partitioned by a column when each value is in one file alone, or in files that have no other. Cut the files so, or load them without --partitioned-by.",
      },
    );
  });
  return new Map(ranged.map(({ file, range }) => [file.name, partitionKey(range)]));
};

const describe = ({ file: { path }, range }: Ranged): string => {
  const [min, max] = [partitionText(range, range.min), partitionText(range, range.max)];
  return isOneValue(range) ? `${path} (${min})` : `${path} (${min} to ${max})`;
};

const rangeOf = (name: string, { path, columns }: PartitionFile): PartitionRange => {
  const column = columns.find((own) => own.name === name);
  if (column === undefined) {
    throw new QueryError("invalid-argument", `${path} has no column "${name}" to be partitioned by`);
  }
  if (partitionKind(column.type) === undefined) {
    throw new QueryError(
      "invalid-argument",
      `a table cannot be partitioned by "${name}", which is ${typeName(column.type)}`,
      { hint: "Integers, dates and strings can be partitioned by." },
    );
  }
  const range = partitionRange(column);
  if (range !== undefined) return range;
  const nulls = column.statistics?.nullCount;
  const why = nulls !== undefined && nulls > 0 ? `has ${nulls} NULLs in` : "has no statistics of";
  throw new QueryError("invalid-argument", `${path} ${why} "${name}", and cannot be a partition by it`);
};
