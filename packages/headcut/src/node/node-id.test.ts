import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeIdOf } from "./node-id.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headcut-id-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("an id is drawn once, and kept with the data", async () => {
  const id = await nodeIdOf(join(folder, "a"));
  expect(id).toMatch(/^node-[0-9a-f]{8}$/);
  expect(await nodeIdOf(join(folder, "a"))).toBe(id);
  expect(readFileSync(join(folder, "a", ".headcut-node"), "utf8")).toBe(`${id}\n`);
  expect(await nodeIdOf(join(folder, "b"))).not.toBe(id);
});

test("an id may be written by hand; what is none is refused", async () => {
  writeFileSync(join(folder, ".headcut-node"), "rack-7.north");
  expect(await nodeIdOf(folder)).toBe("rack-7.north");
  writeFileSync(join(folder, ".headcut-node"), "");
  await expect(nodeIdOf(folder)).rejects.toMatchObject({ code: "corrupt-file" });
  writeFileSync(join(folder, ".headcut-node"), "a\nb");
  await expect(nodeIdOf(folder)).rejects.toMatchObject({ code: "corrupt-file" });
});

test("a folder that cannot be made is an error of its name", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(nodeIdOf(join(folder, "file"))).rejects.toMatchObject({ code: "io" });
});
