import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, QueryError, type TableSource } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, freeBytes, isCluster, scratchFolder } from "../target.ts";

const folder = scratchFolder("headcut-register-");
const path = (name: string): string => join(folder, name);

let db: Connection;
beforeAll(async () => {
  db = await connect({ threads: 2 });
  mkdirSync(path("parts"));
  for (const part of [1, 2, 3]) {
    await db.query(
      `COPY (SELECT x, ${part} AS part FROM range(${part * 10}) t(x)) TO '${path(`parts/p${part}.parquet`)}'`,
    );
  }
});
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const count = async (from: string): Promise<unknown> =>
  (await db.query(`SELECT count(*) FROM ${from}`)).toRows()[0]![0];

describe("Parquet files become a table", () => {
  it.each<[string, () => TableSource, bigint]>([
    ["by path", () => path("parts/p1.parquet"), 10n],
    ["by several paths", () => [path("parts/p1.parquet"), path("parts/p3.parquet")], 40n],
    ["by glob", () => path("parts/*.parquet"), 60n],
    ["by path and glob", () => [path("parts/p1.parquet"), path("parts/p[23].parquet")], 60n],
  ])("%s", async (_, source, rows) => {
    await db.register("Parts", source());
    expect(await count("parts")).toBe(rows);
    expect(await count("main.PARTS")).toBe(rows);
    expect(await count('"Parts"')).toBe(rows);
  });

  it("named in FROM, without being registered", async () => {
    expect(await count(`'${path("parts/p1.parquet")}'`)).toBe(10n);
    expect(await count(`'${path("parts/*.parquet")}'`)).toBe(60n);
    expect(await count(`"${path("parts/p1.parquet")}"`)).toBe(10n);
    expect(await count(`read_parquet('${path("parts/*.parquet")}')`)).toBe(60n);
  });

  it("that takes over a name, until it is forgotten", async () => {
    await db.query("CREATE TABLE thing AS SELECT 1 AS a");
    const free = freeBytes(db);
    await db.register("THING", path("parts/p1.parquet"));
    if (!isCluster) expect(freeBytes(db)).toBeGreaterThan(free);
    expect(await count("thing")).toBe(10n);
    expect(db.tables()).toContain("THING");
    expect(db.unregister("thing")).toBe(true);
    expect(db.unregister("thing")).toBe(false);
    await expect(count("thing")).rejects.toMatchObject({ code: "unknown-table" });
    expect(await count(`'${path("parts/p1.parquet")}'`)).toBe(10n);
  });

  it("in which new files appear", async () => {
    mkdirSync(path("growing"));
    copyFileSync(path("parts/p1.parquet"), path("growing/a.parquet"));
    await db.register("growing", path("growing/*.parquet"));
    expect(await count("growing")).toBe(10n);
    copyFileSync(path("parts/p2.parquet"), path("growing/b.parquet"));
    expect(await count("growing")).toBe(30n);
    rmSync(path("growing/a.parquet"));
    expect(await count("growing")).toBe(20n);
  });

  it("whose files may be replaced between queries", async () => {
    copyFileSync(path("parts/p1.parquet"), path("replaced.parquet"));
    await db.register("replaced", path("replaced.parquet"));
    expect(await count("replaced")).toBe(10n);
    copyFileSync(path("parts/p3.parquet"), path("replaced.parquet"));
    expect((await db.query("SELECT max(x), min(part) FROM replaced")).toRows()).toEqual([[29n, 3]]);
  });

  it("that cannot be changed", async () => {
    await db.register("fixed", path("parts/p1.parquet"));
    await expect(db.query("INSERT INTO fixed VALUES (1, 1)")).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("fixed"),
      hint: expect.stringContaining("CREATE TABLE"),
    });
  });
});

describe("what cannot be a table is refused, and the name stays what it was", () => {
  it.each<[string, () => TableSource, string, RegExp]>([
    ["a missing file", () => path("none.parquet"), "io", /none\.parquet/],
    ["a glob without files", () => path("none-*.parquet"), "io", /none-\*/],
    ["a folder", () => folder, "io", /./],
    ["no paths", () => [], "invalid-argument", /victim/],
    ["an object", () => ({}) as TableSource, "invalid-argument", /victim/],
    ["null", () => null as unknown as TableSource, "invalid-argument", /victim/],
    ["a mixed list", () => ["a", 1] as unknown as TableSource, "invalid-argument", /victim/],
  ])("%s", async (_, source, code, message) => {
    await db.query("CREATE OR REPLACE TABLE victim AS SELECT 1 AS a");
    const error = await db.register("victim", source()).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await count("victim")).toBe(1n);
  });

  it("an empty name", async () => {
    await expect(db.register("", path("parts/p1.parquet"))).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("files whose types differ", async () => {
    await db.query(`COPY (SELECT 'text' AS x, 1 AS part) TO '${path("other.parquet")}'`);
    await expect(db.register("mixed", [path("parts/p1.parquet"), path("other.parquet")])).rejects.toMatchObject({
      code: "type-mismatch",
      message: expect.stringMatching(/"x".*other\.parquet/),
    });
  });

  it.each<[string, (file: string) => void]>([
    ["text", (file) => writeFileSync(file, "PAR1 no Parquet at all PAR1")],
    ["an empty file", (file) => writeFileSync(file, "")],
    ["a truncated file", (file) => truncateSync(file, 100)],
    [
      "a footer with flipped bits",
      (file) => {
        const bytes = readFileSync(file);
        for (let at = bytes.length - 60; at < bytes.length - 8; at += 7) bytes[at]! ^= 0xff;
        writeFileSync(file, bytes);
      },
    ],
  ])("%s is a corrupt file", async (_, spoil) => {
    const file = path("spoilt.parquet");
    copyFileSync(path("parts/p1.parquet"), file);
    spoil(file);
    utimesSync(file, new Date(), new Date(Date.now() + Math.random() * 1e6));
    await expect(count(`'${file}'`)).rejects.toMatchObject({
      code: "corrupt-file",
      message: expect.stringContaining("spoilt.parquet"),
    });
  });
});

it("reports a file that is lost under a running statement, and goes on living", async () => {
  const file = path("lost.parquet");
  await db.query(`COPY (SELECT x, x * 3 AS y FROM range(1000000) t(x)) TO '${file}' (ROW_GROUP_SIZE 20000)`);
  const rows = db.stream(`SELECT sum(x), sum(y) FROM '${file}'`);
  truncateSync(file, 50_000);
  const error = await rows.next().catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(QueryError);
  expect((error as QueryError).message).toContain("lost.parquet");
  expect(await count(`'${path("parts/p1.parquet")}'`)).toBe(10n);
});
