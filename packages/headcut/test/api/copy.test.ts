import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Oracle, openOracle } from "../oracle.ts";
import { connect, freeBytes, scratchFolder } from "../target.ts";
import { everyType, selectEveryType } from "./every-type.ts";

const folder = scratchFolder("headcut-copy-");
const path = (name: string): string => join(folder, name);
let db: Connection;
let oracle: Oracle;
beforeAll(async () => {
  db = await connect({ threads: 2 });
  oracle = await openOracle();
});
afterAll(async () => {
  await db.close();
  oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Parquet's own types; the others are refused. */
const parquetTypes = everyType.filter(({ type }) => type !== "INTERVAL" && type !== "UUID");

describe("COPY to Parquet", () => {
  it.each(["snappy", "zstd", "gzip", "none"])("%s: DuckDB reads every type and value", async (compression) => {
    const file = path(`${compression}.parquet`);
    const sql = selectEveryType(parquetTypes);
    expect((await db.query(`COPY (${sql}) TO '${file}' (COMPRESSION ${compression})`)).toArray()).toEqual([
      { Count: 3n },
    ]);
    const expected = await oracle.query(`SELECT * FROM (${sql}) ORDER BY ordinal`);
    const read = await oracle.query(`SELECT * FROM '${file}' ORDER BY ordinal`);
    expect(read.rows).toEqual(expected.rows);
    expect(read.names).toEqual(expected.names);
    expect(read.types.map((type) => type.replace("DECIMAL(38,0)", "HUGEINT"))).toEqual(expected.types);
    expect((await db.query(`SELECT * FROM '${file}' ORDER BY ordinal`)).toText()).toEqual(expected.rows);
  });

  it("many rows in row groups of the size asked for", async () => {
    const file = path("groups.parquet");
    await db.query(`COPY (SELECT x, 'text ' || x AS s FROM range(250000) t(x)) TO '${file}' (ROW_GROUP_SIZE 50000)`);
    const groups = await oracle.query(
      `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${file}') ORDER BY 1`,
    );
    expect(groups.rows).toEqual([0, 1, 2, 3, 4].map((id) => [String(id), "50000"]));
    expect((await oracle.query(`SELECT count(*), sum(x), count(DISTINCT s) FROM '${file}'`)).rows).toEqual([
      ["250000", "31249875000", "250000"],
    ]);
  });

  it("each column in the encoding that suits its first row group, later ones as well", async () => {
    const file = path("encodings.parquet");
    const sql = `SELECT x AS rising, (x * 7919) % 1000003 AS scattered, x % 50 AS few, CASE WHEN x < 20000 THEN x % 2 ELSE x END AS later,
        ((x * 2654435761) % 4294967296 - 2147483648) * 4294967296 AS wild, x / 7.0 AS fraction, 'text' AS s, DATE '2000-01-01' + CAST((x * 31) % 90000 AS INTEGER) AS day
      FROM range(40000) t(x)`;
    await db.query(`COPY (${sql}) TO '${file}' (ROW_GROUP_SIZE 10000)`);
    const encodings = await oracle.query(
      `SELECT path_in_schema, string_agg(DISTINCT encodings, ' and ') FROM parquet_metadata('${file}') GROUP BY ALL ORDER BY min(column_id)`,
    );
    const dictionary = "PLAIN, RLE, RLE_DICTIONARY";
    const delta = "RLE, DELTA_BINARY_PACKED";
    expect(encodings.rows).toEqual([
      ["rising", delta],
      ["scattered", delta],
      ["few", dictionary],
      ["later", dictionary],
      ["wild", "PLAIN, RLE"],
      ["fraction", "PLAIN, RLE"],
      ["s", dictionary],
      ["day", delta],
    ]);
    const read = await oracle.query(`SELECT * FROM '${file}' ORDER BY rising`);
    expect(read.rows).toEqual((await oracle.query(`${sql} ORDER BY rising`)).rows);
    expect((await db.query(`SELECT * FROM '${file}' ORDER BY rising`)).toText()).toEqual(read.rows);
  });

  it("no rows", async () => {
    const file = path("empty.parquet");
    await db.query(`COPY (SELECT * FROM (${selectEveryType(parquetTypes)}) WHERE ordinal > 9) TO '${file}'`);
    expect((await oracle.query(`SELECT * FROM '${file}'`)).names).toHaveLength(parquetTypes.length + 1);
    expect((await db.query(`SELECT * FROM '${file}'`)).rowCount).toBe(0);
  });

  it.each(["INTERVAL '1' DAY", "CAST('00112233-4455-6677-8899-aabbccddeeff' AS UUID)"])("refuses %s", async (value) => {
    await expect(db.query(`COPY (SELECT ${value} AS v) TO '${path("refused.parquet")}'`)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("column v"),
    });
    expect(existsSync(path("refused.parquet"))).toBe(false);
  });
});

describe("columns that share a name", () => {
  const sql = "SELECT 1 AS a, 'x' AS a, 2.5 AS \"A\", 3 AS a_1";

  it.each(["parquet", "csv"])("are told apart as DuckDB does: %s", async (format) => {
    await db.query(`COPY (${sql}) TO '${path(`ours-named.${format}`)}'`);
    await oracle.run(`COPY (${sql}) TO '${path(`theirs-named.${format}`)}'`);
    const sums = `SELECT sum(a), max(a_1), sum("A_2"), sum(a_1_1) FROM`;
    const [ours, theirs] = ["ours", "theirs"].map((whose) => `${sums} '${path(`${whose}-named.${format}`)}'`);
    expect((await oracle.query(ours!)).rows).toEqual((await oracle.query(theirs!)).rows);
  });

  it("are told apart in JSON, which DuckDB refuses", async () => {
    await db.query(`COPY (${sql}) TO '${path("named.ndjson")}'`);
    expect(readFileSync(path("named.ndjson"), "utf8")).toBe('{"a":1,"a_1":"x","A_2":2.5,"a_1_1":3}\n');
  });
});

describe("COPY to CSV", () => {
  it("DuckDB reads every type and value", async () => {
    const file = path("every.csv");
    const sql = selectEveryType();
    await db.query(`COPY (${sql}) TO '${file}'`);
    const columns = everyType.map(({ name, type }) => `'${name}': '${type}'`).join(", ");
    const read = await oracle.query(
      `SELECT * FROM read_csv('${file}', header = true, allow_quoted_nulls = false, columns = {'ordinal': 'INTEGER', ${columns}}) ORDER BY ordinal`,
    );
    expect(read.rows).toEqual((await oracle.query(`SELECT * FROM (${sql}) ORDER BY ordinal`)).rows);
  });

  const awkward = `SELECT * FROM (VALUES ('a,b', 'say "hi"'), ('line
end', ''), (NULL, 'a|b'), (' pad ', 'NA'), ('ünï', 'tab	')) AS t("first name", "q""uote")`;

  it.each([
    "",
    "(HEADER false)",
    "(DELIMITER '|')",
    "(DELIMITER '\t', NULL 'NA')",
    "(SEP ';', NULLSTR '-')",
    "(DELIM '^')",
  ])("the same bytes as DuckDB: %s", async (options) => {
    await db.query(`COPY (${awkward}) TO '${path("ours.csv")}' ${options}`);
    await oracle.run(`COPY (${awkward}) TO '${path("theirs.csv")}' ${options}`);
    expect(readFileSync(path("ours.csv"), "utf8")).toBe(readFileSync(path("theirs.csv"), "utf8"));
  });

  it.each(["DELIMITER ''", "DELIMITER '||'", "DELIMITER '\"'", "HEADER 'perhaps'"])("refuses %s", async (option) => {
    await expect(db.query(`COPY (SELECT 1) TO '${path("x.csv")}' (${option})`)).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});

describe("COPY to JSON", () => {
  const types = everyType.filter(({ name }) => name !== "f");
  /** DuckDB's reader takes numbers of that many digits for doubles; for them the text is compared. */
  const inexact = new Set(["dec18", "dec38", "huge"]);
  const readAs = (name: string, type: string): string =>
    inexact.has(name) ? "DOUBLE" : name === "bl" ? "VARCHAR" : type;

  it.each([
    ["one object per line", "every.json", ""],
    ["one array", "array.json", "(ARRAY true)"],
    ["one object per line, by ending", "every.ndjson", ""],
  ])("%s: DuckDB reads every type and value", async (_, name, options) => {
    const file = path(name);
    const sql = selectEveryType(types);
    await db.query(`COPY (${sql}) TO '${file}' ${options}`);
    const columns = types.map(({ name: column, type }) => `'${column}': '${readAs(column, type)}'`).join(", ");
    const read = await oracle.query(
      `SELECT * REPLACE (CAST(bl AS BLOB) AS bl) FROM read_json('${file}', columns = {'ordinal': 'INTEGER', ${columns}}) ORDER BY ordinal`,
    );
    const expected = await oracle.query(`SELECT * FROM (${sql}) ORDER BY ordinal`);
    const exact = (rows: typeof read.rows): unknown =>
      rows.map((row) => row.filter((_, i) => !inexact.has(read.names[i]!)));
    expect(exact(read.rows)).toEqual(exact(expected.rows));
    const text = readFileSync(file, "utf8");
    expect(text).toContain('"dec38":-9999999999999999999999999999.9999999999');
    expect(text).toContain('"huge":-99999999999999999999999999999999999999');
    const parsed =
      options === ""
        ? text
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : JSON.parse(text);
    expect(parsed).toHaveLength(3);
  });

  it("no rows: an empty file, an empty array", async () => {
    await db.query(`COPY (SELECT 1 AS a WHERE FALSE) TO '${path("none.json")}'`);
    expect(readFileSync(path("none.json"), "utf8")).toBe("");
    await db.query(`COPY (SELECT 1 AS a WHERE FALSE) TO '${path("none.json")}' (ARRAY)`);
    expect(JSON.parse(readFileSync(path("none.json"), "utf8"))).toEqual([]);
  });

  it("what JSON cannot say is text", async () => {
    await db.query(
      `COPY (SELECT CAST('nan' AS DOUBLE) AS a, CAST('-inf' AS FLOAT) AS b, 'q"\\' AS c) TO '${path("odd.json")}'`,
    );
    expect(JSON.parse(readFileSync(path("odd.json"), "utf8"))).toEqual({ a: "nan", b: "-inf", c: 'q"\\' });
  });
});

describe("the file", () => {
  it.each(["csv", "json", "parquet"])("appears whole or not at all (%s)", async (format) => {
    const file = path(`half.${format}`);
    writeFileSync(file, "as before");
    const free = freeBytes(db);
    await expect(
      db.query(
        `COPY (SELECT CAST(CASE WHEN x < 190000 THEN '1' ELSE 'x' END AS INTEGER) AS a FROM range(200000) t(x)) TO '${file}'`,
      ),
    ).rejects.toMatchObject({ code: "conversion" });
    expect(readFileSync(file, "utf8")).toBe("as before");
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
    expect(freeBytes(db)).toBe(free);
    await db.query(`COPY (SELECT 1 AS a) TO '${file}'`);
    expect(readFileSync(file, "utf8")).not.toBe("as before");
  });

  it("may be written from a table by name", async () => {
    await db.query("CREATE TABLE source AS SELECT 1 AS a, 'x' AS b");
    await db.query(`COPY source TO '${path("source.csv")}' (FORMAT csv)`);
    expect(readFileSync(path("source.csv"), "utf8")).toBe("a,b\n1,x\n");
  });

  it("in a folder that is not there is an io error", async () => {
    await expect(db.query(`COPY (SELECT 1 AS a) TO '${path("none/x.csv")}'`)).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining("none/x.csv"),
    });
  });
});
