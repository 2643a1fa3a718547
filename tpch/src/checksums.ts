import { createHash } from "node:crypto";
import { drivers } from "./generator/drivers.ts";
import { TEXT_POOL_SIZE, writeTextPool } from "./generator/text-pool.ts";
import { toText } from "./output/text-form.ts";
import { scaleOf } from "./scale.ts";
import { schema, type TableName } from "./schema.ts";

/** The md5 sums of the text form of every table, for comparison with the reference's `.tbl` files. */
export function checksums(scaleFactor: number): Map<TableName, string> {
  const scale = scaleOf(scaleFactor);
  const pool = new Uint8Array(writeTextPool(), 0, TEXT_POOL_SIZE);
  const sums = new Map<TableName, string>();
  for (const driver of drivers) {
    const hashes = new Map(driver.tables.map((table) => [table, createHash("md5")]));
    const range = { first: 0, end: driver.rowCount(scale) };
    for (const { table, batch } of driver.generate({ scale, range, pool }))
      hashes.get(table)?.update(toText(schema[table], batch));
    for (const [table, hash] of hashes) sums.set(table, hash.digest("hex"));
  }
  return sums;
}
