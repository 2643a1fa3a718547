import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "headcut";

/** A folder that is gone when the tests of a file are over. */
export const scratchFolder = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), "headcut-s3-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** Of row `id`, what the columns have. */
export const textOf = (id: number): string =>
  [7919, 104729, 1299709, 15485863].map((p) => (id * p) % 1000000007).join("-");
export const partOf = (id: number): number => id % 10;

/**
 * A Parquet file of the rows first … first + rows - 1: id BIGINT, text VARCHAR, part INTEGER; uncompressed, some 50 bytes a row, in
 * row groups of `rowGroupRows`.
 */
export const writeTable = async (path: string, rows: number, first = 0, rowGroupRows = 8192): Promise<void> => {
  await using db = await connect({ threads: 1 });
  const text = [7919, 104729, 1299709, 15485863]
    .map((p) => `CAST((i * ${p}) % 1000000007 AS VARCHAR)`)
    .join(" || '-' || ");
  await db.query(
    `COPY (SELECT i AS id, ${text} AS text, CAST(i % 10 AS INTEGER) AS part
           FROM generate_series(${first}, ${first + rows - 1}) AS t(i))
     TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE ${rowGroupRows}, COMPRESSION uncompressed)`,
  );
};
