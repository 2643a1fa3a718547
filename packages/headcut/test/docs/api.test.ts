import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "headcut";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, promises } from "./code-blocks.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-docs-"));

beforeAll(async () => {
  mkdirSync(join(folder, "lake"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(import.meta.dirname, "../.."), join(folder, "node_modules/headcut"));
  const arrow = dirname(fileURLToPath(import.meta.resolve("apache-arrow")));
  symlinkSync(arrow, join(folder, "node_modules/apache-arrow"));
  await using db = await connect({ threads: 1 });
  for (const [part, status, day] of [
    [1, "F", "1995-06-01"],
    [2, "O", "1996-01-01"],
    [3, "O", "1997-01-01"],
  ] as const) {
    const rows = `SELECT x + ${(part - 1) * 100} AS price, '${status}' AS status, DATE '${day}' AS day FROM range(100) t(x)`;
    await db.query(`COPY (${rows}) TO '${join(folder, `lake/orders-${part}.parquet`)}'`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("docs/api.md", () => {
  it.each(codeBlocks("api.md", "js"))("the block at line $line prints what it promises", ({ line, code }) => {
    const file = join(folder, `block-${line}.mjs`);
    writeFileSync(file, code);
    const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
    expect(
      printed
        .trimEnd()
        .split("\n")
        .map((text) => text.trim()),
    ).toEqual(promises(code));
  });
});
