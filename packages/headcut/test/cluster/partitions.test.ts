import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Connection, connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headcut } from "../cli/cli-process.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

/** So many that hardly ever one node has all of them. */
const PARTITIONS = 24;
const folder = mkdtempSync(join(tmpdir(), "headcut-partitions-"));
const globOf = (table: string): string => join(folder, table, "**", "*.parquet");

let cluster: TestCluster;
let db: Connection;
let embedded: Connection;

/** The file of each partition, below the table's folder. */
const nameOf = {
  visits: (i: number) => `v-${10 + i}.parquet`,
  sales: (i: number) => `s-${10 + ((i * 7) % PARTITIONS)}.parquet`,
  guests: (i: number) => `city=Stadt ${i}/part-0.parquet`,
  streets: (i: number) => `x-${10 + ((i * 5) % PARTITIONS)}.parquet`,
};

const write = async (table: keyof typeof nameOf, rowsOf: (partition: number) => string): Promise<void> => {
  for (let i = 0; i < PARTITIONS; i++) {
    const path = join(folder, table, nameOf[table](i));
    mkdirSync(dirname(path), { recursive: true });
    await embedded.query(`COPY (${rowsOf(i)}) TO '${path}' (FORMAT parquet)`);
  }
};
const load = (table: string, ...more: string[]) =>
  headcut(["load", "--table", table, "--from", globOf(table), "--to-cluster", cluster.url, ...more]);

/** Thirty days, several times each. */
const days = (month: number, rows: number): string =>
  `SELECT DATE '2023-01-01' + CAST(${month * 30} + x % 30 AS INTEGER) AS day, x * 7919 % 1000003 AS amount FROM range(${rows * 30}) r(x)`;
const city = (i: number, rows: number): string => `SELECT 'Stadt ${i}' AS city, x AS amount FROM range(${rows}) r(x)`;

beforeAll(async () => {
  embedded = await connect();
  cluster = await startTestCluster();
  // Neither as many rows a day, nor in the same order of files: only the days of a month are the same.
  await write("visits", (month) => days(month, 40 + month));
  await write("sales", (month) => days(month, 55 - month));
  await write("guests", (i) => city(i, 90 + i));
  await write("streets", (i) => city(i, 190 - i));
  for (const [table, ...declared] of [
    ["visits", "--partitioned-by", "day"],
    ["sales", "--partitioned-by", "day"],
    ["guests"],
    ["streets", "--partitioned-by", "city"],
  ] as const) {
    expect(load(table, ...declared)).toMatchObject({ status: 0, stderr: "" });
  }
  db = await connect(cluster.url);
});
afterAll(async () => {
  await db?.close();
  await embedded?.close();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ["declared: days, a month a file", "day", "visits", "sales"],
  ["of Hive's folders and declared: strings", "city", "guests", "streets"],
] as const)("tables of the same partitions, %s", (_, key, left, right) => {
  const joined = (a: string, b: string): string =>
    `SELECT a.${key}, count(*) AS n, sum(a.amount) AS s, max(b.amount) AS m FROM ${a} a JOIN ${b} b ON a.${key} = b.${key} GROUP BY a.${key} ORDER BY a.${key}`;

  it("are joined as embedded, and ship the result alone", async () => {
    const expected = (await embedded.query(joined(`'${globOf(left)}'`, `'${globOf(right)}'`))).toArray();
    expect(expected.length).toBeGreaterThanOrEqual(PARTITIONS);
    expect((await db.query(joined(left, right))).toArray()).toEqual(expected);
    const text = (await db.query(`EXPLAIN ANALYZE ${joined(left, right)}`)).toText().flat().join("\n");
    // One fragment does it all where the shards are; the other one puts sorted rows together.
    expect(text.match(/┌ fragment \d · \w+/g)).toEqual(["┌ fragment 0 · result", "┌ fragment 1 · gather"]);
    expect(text).toMatch(/hashJoin[^┌]*\n├ in 0 B from other nodes, 0 B from its own/);
    expect(text).toContain(`splits read by owners: ${2 * PARTITIONS} of ${2 * PARTITIONS}`);
  });

  it("lie on the same nodes", () => {
    const homes = (table: keyof typeof nameOf): (string | undefined)[] => {
      const lines = headcut(["shards", "--cluster", cluster.url, "--table", table]).stdout.split("\n");
      return Array.from({ length: PARTITIONS }, (_, i) => {
        const line = lines.find((each) => each.includes(` ${nameOf[table](i).replace("/", ",")} `));
        return line?.match(/node-\S+ node-\S+$/)?.[0];
      });
    };
    expect(homes(left)).not.toContain(undefined);
    expect(homes(left)).toEqual(homes(right));
  });
});

it("files that share values are refused, by their names", () => {
  const both = ["visits/v-10.parquet", "sales/s-10.parquet"].map((name) => join(folder, name));
  const args = ["load", "--table", "u", "--from", ...both, "--to-cluster", cluster.url, "--partitioned-by", "day"];
  const { status, stderr } = headcut(args);
  expect(status).toBe(1);
  for (const path of both) expect(stderr).toContain(`${path} (2023-01-01 to 2023-01-30)`);
  expect(stderr).toContain('may have equal values of "day"');
});
