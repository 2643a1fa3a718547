import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { headcut, startHeadcut } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-shell-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { HEADCUT_HISTORY: join(folder, "deep/history") };
const shell = (input: string, args: readonly string[] = []) => headcut(["shell", ...args], input, env);

describe("headcut shell", () => {
  it("takes statements over several lines, dot commands, and keeps a history", () => {
    const { stdout, stderr, status } = shell(
      [
        "CREATE TABLE t (a INTEGER);",
        "INSERT INTO t",
        "  VALUES (1), (2);",
        ".mode csv",
        "SELECT sum(a) AS s, ';' AS c -- ; is no end here",
        "FROM t;",
        ".tables",
        "SELECT 1",
        "AS one; SELECT 2 AS two;",
        ".exit",
        "SELECT 'not reached';",
      ].join("\n"),
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/s,c\n3,;\nt\none\n1\ntwo\n2\n$/);
    expect(status).toBe(0);
    const history = readFileSync(env.HEADCUT_HISTORY, "utf8");
    expect(history).toContain("INSERT INTO t VALUES (1), (2);\n");
    expect(history).toContain("-- ; is no end here\nFROM t;\n");
    expect(history).toContain(".tables\n");
  });

  it("goes on after an error, and runs what the end of input cuts off", () => {
    const { stdout, stderr, status } = shell(
      "SELECT nope;\n.mode csv\n.mode parquet\n.what\n-- only this\n;\nSELECT 1 AS one",
    );
    expect(stderr).toContain("unknown-column");
    expect(stderr).toContain(".mode table|csv|json|ndjson");
    expect(stderr).toContain("there is no command .what");
    expect(stdout).toBe("one\n1\n");
    expect(status).toBe(0);
  });

  it("describes tables, reads files, times statements", () => {
    const file = join(folder, "script.sql");
    writeFileSync(file, "CREATE TABLE t (a INTEGER NOT NULL);\nINSERT INTO t VALUES (7);");
    const { stdout, stderr } = shell(
      `.mode csv\n.read ${file}\n.schema t\n.schema\n.timing on\nSELECT a FROM t;\n.help\n`,
    );
    const schema = "column_name,column_type,null\na,INTEGER,NO\n";
    expect(stdout).toContain(`Count\n1\n${schema}${schema}a\n7\n`);
    expect(stdout).toMatch(/a\n7\n[\d.]+ ms\n/);
    expect(stdout).toContain(".exit");
    expect(stderr).toBe("");
    expect(shell(".read none.sql\n.read\n").stderr).toContain("none.sql");
  });

  it("is given tables, limits and threads on the command line", () => {
    const slow = "SELECT count(*) FROM range(100000) a(x), range(100000) b(y) WHERE x + y = -1;";
    expect(shell(slow, ["--timeout", "0.1", "--threads", "1"]).stderr).toContain("timeout");
    expect(shell("SELECT 1;", ["--data", join(folder, "none")]).status).toBe(1);
  });

  it("survives Ctrl-C, which cancels the statement", async () => {
    const running = startHeadcut(["shell"], env);
    running.process.stdin!.write(".mode csv\nSELECT 'started' AS s;\n");
    await running.until("started");
    running.process.stdin!.write("SELECT count(*) FROM range(100000) a(x), range(100000) b(y) WHERE x + y = -1;\n");
    await new Promise((resolve) => setTimeout(resolve, 500));
    running.process.kill("SIGINT");
    await running.until("cancelled");
    running.process.kill("SIGINT");
    running.process.stdin!.write("SELECT 'alive' AS s;\n");
    await running.until("alive");
    running.process.stdin!.end();
    expect(await running.ended).toBe(0);
  });
});
