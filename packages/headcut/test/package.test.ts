import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

describe("the packed tarball in an empty project", () => {
  const project = mkdtempSync(join(tmpdir(), "headcut-install-"));
  const run = (command: string, args: readonly string[]): string =>
    execFileSync(command, args, { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  beforeAll(() => {
    const output = execFileSync(process.execPath, ["scripts/pack.mjs", project], { cwd: root, encoding: "utf8" });
    const tarball = output.trim().split("\n").at(-1)!;
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
    run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball]);
  }, 300_000);

  afterAll(() => {
    rmSync(project, { recursive: true, force: true });
  });

  it("answers a query as a library, on worker threads", () => {
    writeFileSync(
      join(project, "main.js"),
      `import { connect } from "headcut";
       const db = await connect({ threads: 2 });
       await db.query("CREATE TABLE t AS SELECT * FROM range(1000) r(x)");
       const result = await db.query("SELECT sum(x) AS total, count(*) AS n FROM t WHERE x >= $1", [500]);
       console.log(JSON.stringify(result.toArray({ int64: "number" })));
       await db.close();`,
    );
    expect(run(process.execPath, ["main.js"]).trim()).toBe('[{"total":374750,"n":500}]');
  });

  it("answers a query on the command line", () => {
    expect(run("npx", ["headcut", "query", "SELECT 40 + 2 AS answer"])).toBe("answer\n42\n");
  });

  it("carries no native add-on", () => {
    const found = run("find", ["node_modules", "-name", "*.node", "-o", "-name", "binding.gyp"]);
    expect(found).toBe("");
  });

  it("has types that compile", () => {
    writeFileSync(
      join(project, "types.ts"),
      `import { connect, type Connection } from "headcut";
       const use = async (db: Connection): Promise<number> => (await db.query("SELECT 1")).rowCount;
       export const main = async (): Promise<number> => use(await connect());`,
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const flags = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--skipLibCheck",
    ];
    expect(() => run(process.execPath, [tsc, ...flags, "types.ts"])).not.toThrow();
  });
});
