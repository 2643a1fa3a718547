import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, connect, QueryError } from "headcut";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ACCESS_KEY, BUCKET, type Gateway, PUBLIC_BUCKET, SECRET_KEY, settingsOf, startGateway } from "./gateway.ts";
import { scratchFolder, textOf, writeTable } from "./tables.ts";

const scratch = scratchFolder();
let gateway: Gateway;
let db: Connection;
const fileOf = (name: string): string => join(scratch.path, `${name}.parquet`);

beforeAll(async () => {
  gateway = await startGateway();
  for (const [name, rows, first] of [
    ["a", 10, 0],
    ["b", 20, 100],
    ["c", 30, 200],
    ["empty", 0, 0],
  ] as const) {
    await writeTable(fileOf(name), rows, first);
  }
  const [a, b, c] = ["a", "b", "c"].map((name) => readFileSync(fileOf(name)));
  for (const [key, body] of [
    ["dir/a.parquet", a],
    ["dir/b.parquet", b],
    ["dir/year=2024/c.parquet", c],
    ["dir/_temporary/c.parquet", c],
    ["dir/.hidden/c.parquet", c],
    ["dir/.c.parquet", c],
    ["dir/notes.txt", "not Parquet"],
    ["dir2/c.parquet", c],
    ["lake/year=2023/region=north/a.parquet", a],
    ["lake/year=2023/region=so%20uth/a.parquet", b],
    ["lake/year=2024/region=north/a.parquet", c],
    ["odd/with space+plus%20&ü€.parquet", a],
    ["odd/[x]*.parquet", b],
    ["odd/xx.parquet", c],
    ["table.parquet/part-0.parquet", a],
  ] as const) {
    await gateway.put(key, body!);
  }
});
afterAll(async () => {
  await gateway?.close();
  scratch.remove();
});
beforeEach(async () => {
  db = await connect({ threads: 2, s3: settingsOf(gateway) });
});
afterEach(() => db.close());

const idsOf = async (path: string, on = db): Promise<readonly [number, number, number]> => {
  const [row] = (await on.query(`SELECT count(*) AS n, min(id) AS least, max(id) AS most FROM '${path}'`)).toRows();
  return row!.map(Number) as [number, number, number];
};
const errorOf = async (run: Promise<unknown>): Promise<QueryError> => {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(QueryError);
  return error as QueryError;
};

describe("a path in FROM", () => {
  it.each([
    ["an object", "dir/a.parquet", [10, 0, 9]],
    ["a glob in one folder", "dir/*.parquet", [30, 0, 119]],
    ["a glob over folders, names with a dot left out", "dir/**/*.parquet", [90, 0, 229]],
    ["a glob of folders", "dir/year=*/*.parquet", [30, 200, 229]],
    ["`**` at the end", "dir2/**", [30, 200, 229]],
    ["a character class", "dir/[ab].parquet", [30, 0, 119]],
    ["a folder, what is hidden in it left out", "dir/", [60, 0, 229]],
    ["a folder without its slash", "dir", [60, 0, 229]],
    ["blanks, percent signs and Unicode", "odd/with space+plus%20&ü€.parquet", [10, 0, 9]],
    ["a key that has wildcards itself", "odd/[x]*.parquet", [20, 100, 119]],
    ["a folder that is named like a file, by its slash", "table.parquet/", [10, 0, 9]],
  ])("may be %s", async (_, key, expected) => {
    expect(await idsOf(`s3://${BUCKET}/${key}`)).toEqual(expected);
  });

  it("has columns in its folders; objects that they exclude are not read", async () => {
    const sql = `SELECT year, region, count(*), min(id), max(id) FROM 's3://${BUCKET}/lake/**/*.parquet'`;
    expect((await db.query(`${sql} GROUP BY ALL ORDER BY ALL`)).toText()).toEqual([
      ["2023", "north", "10", "0", "9"],
      ["2023", "so uth", "20", "100", "119"],
      ["2024", "north", "30", "200", "229"],
    ]);
    const south = `${sql} WHERE region = 'so uth' AND id >= 110 GROUP BY ALL`;
    expect((await db.query(south)).toText()).toEqual([["2023", "so uth", "10", "110", "119"]]);
    expect((await db.query(`EXPLAIN ${south}`)).toText().join()).toContain("files 1 of 3");
    await db.register("lake", `s3://${BUCKET}/lake`);
    const joined = await db.query(
      "SELECT count(*) FROM lake JOIN (SELECT 2024 AS year) y USING (year) WHERE id % 2 = 0",
    );
    expect(joined.toText()).toEqual([["15"]]);
  });

  it("reads all values as they are", async () => {
    const result = await db.query(`SELECT id, text, part FROM 's3://${BUCKET}/dir2/c.parquet' ORDER BY id DESC`);
    const ids = Array.from({ length: 30 }, (_, i) => 229 - i);
    expect(result.toRows()).toEqual(ids.map((id) => [BigInt(id), textOf(id), id % 10]));
  });

  it("may be joined with local files, and with itself", async () => {
    const sql = `SELECT count(*) AS n FROM 's3://${BUCKET}/dir/a.parquet' x JOIN '${fileOf("a")}' y USING (id) JOIN 's3://${BUCKET}/dir/*.parquet' z USING (id)`;
    expect((await db.query(sql)).toArray()).toEqual([{ n: 10n }]);
  });

  it("may be a file without rows", async () => {
    await gateway.put("empty.parquet", readFileSync(fileOf("empty")));
    expect((await db.query(`SELECT id FROM 's3://${BUCKET}/empty.parquet'`)).toRows()).toEqual([]);
  });
});

describe("a registered name", () => {
  it("may stand for objects and local files together", async () => {
    await db.register("t", [`s3://${BUCKET}/dir/b.parquet`, fileOf("a"), `s3://${BUCKET}/dir2/*.parquet`]);
    expect((await db.query("SELECT count(*) AS n FROM t WHERE id >= 5 AND id < 110")).toArray()).toEqual([{ n: 15n }]);
  });

  it("is looked up anew by every statement", async () => {
    await gateway.put("new/1.parquet", readFileSync(fileOf("a")));
    await db.register("t", `s3://${BUCKET}/new/*.parquet`);
    const count = async () => Number((await db.query("SELECT count(id) AS n FROM t")).toRows()[0]![0]);
    expect(await count()).toBe(10);
    await gateway.put("new/2.parquet", readFileSync(fileOf("b")));
    expect(await count()).toBe(30);
    await gateway.put("new/1.parquet", readFileSync(fileOf("c")));
    expect(await count()).toBe(50);
    await gateway.remove("new/2.parquet");
    expect(await count()).toBe(30);
  });

  it("finds objects behind a thousand others", async () => {
    const names = Array.from({ length: 1100 }, (_, i) => `many/x${String(i).padStart(4, "0")}.txt`);
    for (let at = 0; at < names.length; at += 50) {
      await Promise.all(names.slice(at, at + 50).map((name) => gateway.put(name, "x")));
    }
    await gateway.put("many/z.parquet", readFileSync(fileOf("b")));
    await db.register("t", `s3://${BUCKET}/many/*.parquet`);
    expect((await db.query("SELECT count(*) AS n FROM t")).toArray()).toEqual([{ n: 20n }]);
  });
});

describe("errors", () => {
  it.each([
    ["an object that is not there", `s3://${BUCKET}/none.parquet`, "io", "there is no such object"],
    ["a bucket that is not there", "s3://nowhere/a.parquet", "io", "s3://nowhere/a.parquet"],
    ["a bucket to list that is not there", "s3://nowhere/*.parquet", "io", "NoSuchBucket"],
    ["nothing that matches", `s3://${BUCKET}/dir/*.csv`, "io", `no files match s3://${BUCKET}/dir/*.csv`],
    ["a folder without Parquet files", `s3://${BUCKET}/none/`, "io", "no Parquet files in"],
    ["an object that is no Parquet file", `s3://${BUCKET}/dir/notes.txt`, "corrupt-file", "dir/notes.txt"],
    ["no bucket", "s3:///a.parquet", "invalid-argument", "names no bucket"],
  ])("name %s", async (_, path, code, part) => {
    const error = await errorOf(db.query(`SELECT * FROM '${path}'`));
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
  });

  it.each([
    ["a wrong secret", { secretAccessKey: "headcut-wrong-secret" }],
    ["an unknown key", { accessKeyId: "headcut-unknown-key" }],
    ["no credentials", { accessKeyId: undefined, secretAccessKey: undefined }],
  ])("for %s say so without showing any", async (_, change) => {
    const settings = Object.fromEntries(
      Object.entries({ ...settingsOf(gateway), ...change }).filter(([, value]) => value !== undefined),
    );
    await using other = await connect({ threads: 1, s3: settings });
    const error = await errorOf(other.query(`SELECT * FROM 's3://${BUCKET}/dir/*.parquet'`));
    expect(error.code).toBe("io");
    expect(error.message).toMatch(/denies|cannot read/);
    const shown = `${error.message} ${error.hint} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`;
    for (const secret of [SECRET_KEY, ACCESS_KEY, "headcut-wrong-secret", "headcut-unknown-key"]) {
      expect(shown).not.toContain(secret);
    }
  });
});

it("a result is not written to a store, nor to a local folder of its name", async () => {
  const error = await errorOf(db.query(`COPY (SELECT 1) TO 's3://${BUCKET}/out.parquet'`));
  expect(error).toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("objects are read, not written"),
  });
});

describe("settings", () => {
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });

  it("come from the environment", async () => {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://${gateway.endpoint}`,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_REGION: "us-east-1",
    });
    await using other = await connect({ threads: 1 });
    expect(await idsOf(`s3://${BUCKET}/dir/a.parquet`, other)).toEqual([10, 0, 9]);
  });

  it("without credentials read what all may read", async () => {
    await gateway.put("a.parquet", readFileSync(fileOf("a")), PUBLIC_BUCKET);
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: "true", HOME: scratch.path });
    await using other = await connect({ threads: 1, s3: { endpoint: gateway.endpoint, useSsl: false } });
    expect(await idsOf(`s3://${PUBLIC_BUCKET}/*.parquet`, other)).toEqual([10, 0, 9]);
    const error = await errorOf(other.query(`SELECT * FROM 's3://${BUCKET}/dir/a.parquet'`));
    expect(error.message).toContain("denies");
  });
});
