import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryError } from "@headcut/plan";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readablePaths } from "./readable-paths.ts";

const root = mkdtempSync(join(tmpdir(), "headcut-readable-"));
const data = join(root, "data");
const path = (...parts: string[]): string => join(root, ...parts);
beforeAll(() => {
  for (const folder of ["data/t", "database", "secret"]) mkdirSync(path(folder), { recursive: true });
  for (const file of ["data/a.parquet", "data/t/b.parquet", "database/c.parquet", "secret/d.parquet"]) {
    writeFileSync(path(file), "");
  }
  symlinkSync(path("secret"), path("data/link"));
  symlinkSync(path("secret/d.parquet"), path("data/t/linked.parquet"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("read", () => {
  it.each<[string, string, readonly string[]]>([
    ["a file", path("data/a.parquet"), [path("data/a.parquet")]],
    ["a file that is not there", path("data/none.parquet"), [path("data/none.parquet")]],
    ["a way round", `${data}/t/../a.parquet`, [path("data/a.parquet")]],
    ["a glob", path("data/*.parquet"), [path("data/a.parquet")]],
    ["a store", "s3://bucket/*.parquet", ["s3://bucket/*.parquet"]],
  ])("%s", (_, written, expected) => {
    expect(readablePaths([written], [data])).toEqual(expected);
  });

  it("other directories, when they are named", () => {
    expect(readablePaths([path("secret/d.parquet"), path("data/a.parquet")], [data, path("secret")])).toHaveLength(2);
  });
});

describe("not read, whether it is there or not", () => {
  it.each([
    ["a file elsewhere", path("secret/d.parquet")],
    ["nothing elsewhere", path("secret/none.parquet")],
    ["the way out", `${data}/../secret/d.parquet`],
    ["a directory whose name begins alike", path("database/c.parquet")],
    ["a link out", path("data/link/d.parquet")],
    ["a linked file", path("data/t/linked.parquet")],
    ["a glob elsewhere", path("secret/*.parquet")],
    ["a glob without matches elsewhere", path("secret/*.none")],
    ["a glob with a way out", `${data}/*/../../secret/*.parquet`],
    ["a glob through a link", path("data/link/*.parquet")],
    ["a glob with one match that leads out", path("data/t/*.parquet")],
    ["a glob of everything", "/*/*"],
    ["a relative path", "package.json"],
    ["the root", "/"],
  ])("%s", (_, written) => {
    expect(() => readablePaths([written], [data])).toThrow(QueryError);
    expect(() => readablePaths([written], [data])).toThrow("is not in a directory that this node reads");
  });
});
