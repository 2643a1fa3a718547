import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { headcut, startHeadcut } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "headcut-cli-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("headcut query", () => {
  it("prints CSV to a pipe, statement by statement", () => {
    const { stdout, status } = headcut(["query", "SELECT 1 AS a, 'x,y' AS b, NULL AS c; SELECT 2.50 AS d"]);
    expect(stdout).toBe('a,b,c\n1,"x,y",\nd\n2.50\n');
    expect(status).toBe(0);
  });

  it("reads SQL from standard input", () => {
    expect(headcut(["query", "--format", "ndjson"], "SELECT 1 AS a, 'ä' AS b, DATE '2020-01-02' AS d").stdout).toBe(
      '{"a":1,"b":"ä","d":"2020-01-02"}\n',
    );
  });

  it("draws a table", () => {
    expect(headcut(["query", "-f", "table", "SELECT 7 AS n, 'abc' AS text"]).stdout).toBe(
      [
        "┌─────────┬─────────┐",
        "│ n       │ text    │",
        "│ INTEGER │ VARCHAR │",
        "├─────────┼─────────┤",
        "│       7 │ abc     │",
        "└─────────┴─────────┘",
        "1 row\n",
      ].join("\n"),
    );
  });

  it("writes JSON, also for no rows", () => {
    expect(JSON.parse(headcut(["query", "-f", "json", "SELECT 1 AS a UNION ALL SELECT NULL"]).stdout)).toHaveLength(2);
    expect(headcut(["query", "-f", "json", "SELECT 1 AS a WHERE FALSE"]).stdout).toBe("[]\n");
  });

  it("writes Parquet and Arrow files, and reads tables from a folder", () => {
    const file = join(folder, "numbers.parquet");
    expect(headcut(["query", "-o", file, "SELECT x, x * 1.5 AS y, 's' || x AS s FROM range(10000) r(x)"]).stderr).toBe(
      "",
    );
    const sums = headcut([
      "query",
      "--data",
      folder,
      "SELECT count(*) AS n, sum(x) AS x, sum(y) AS y, max(s) AS s FROM numbers",
    ]);
    expect(sums.stdout).toBe("n,x,y,s\n10000,49995000,74992500.0,s9999\n");
    const arrow = join(folder, "numbers.arrow");
    headcut(["query", "-o", arrow, "SELECT 1 AS one"]);
    expect(readFileSync(arrow).length).toBeGreaterThan(100);
  });

  it("reports bad SQL with its place and exits with 1", () => {
    const { stderr, stdout, status } = headcut(["query", "SELECT 1,\n  nope FROM range(3) r(x)"]);
    expect(stdout).toBe("");
    expect(stderr).toContain("line 2, column 3:   nope FROM range(3) r(x)\n");
    expect(stderr).toContain("^^^^");
    expect(status).toBe(1);
  });

  it("reports a missing file and a corrupt one", () => {
    expect(headcut(["query", `SELECT * FROM '${folder}/none.parquet'`]).status).toBe(1);
    const corrupt = join(folder, "corrupt.parquet");
    writeFileSync(corrupt, "PAR1 this is no Parquet file PAR1");
    const { stderr, status } = headcut(["query", `SELECT * FROM '${corrupt}'`]);
    expect(stderr).toContain("corrupt-file");
    expect(stderr).toContain(corrupt);
    expect(status).toBe(1);
  });

  it("refuses wrong usage with 2", () => {
    expect(headcut(["query", "--threads", "none", "SELECT 1"]).status).toBe(2);
    expect(headcut(["nonsense"]).status).toBe(2);
  });

  it("stops at a time limit", () => {
    const { stderr, status } = headcut([
      "query",
      "--timeout",
      "0.2",
      "SELECT count(*) FROM range(100000) a(x), range(100000) b(y) WHERE x + y = -1",
    ]);
    expect(stderr).toContain("timeout");
    expect(status).toBe(1);
  });

  it("names the operator that hits the memory limit", () => {
    const { stderr, status } = headcut([
      "query",
      "--memory-limit",
      "300KB",
      "SELECT count(*) FROM (SELECT a.x * 1000 + b.x AS k, count(*) FROM range(1000) a(x), range(1000) b(x) GROUP BY k)",
    ]);
    expect(stderr).toContain("out-of-memory");
    expect(stderr).toMatch(/aggregate/i);
    expect(status).toBe(1);
  });

  it("puts rows in the temporary directory that find no room in memory, if they may be there", () => {
    const temporary = join(folder, "rows");
    const path = join(folder, "many.parquet");
    headcut(["query", `COPY (SELECT x, repeat('x', 50) AS s FROM range(100000) t(x)) TO '${path}' (FORMAT parquet)`]);
    const sql = `EXPLAIN ANALYZE SELECT x, s FROM '${path}' ORDER BY x * 7919 % 100003`;
    const inLittle = ["query", "--memory-limit", "4MiB", "--temp-directory", temporary];
    const sorted = headcut([...inLittle, sql]);
    expect(sorted.stderr).toBe("");
    expect(sorted.stdout).toMatch(/out of memory [1-9]\d* times, then [\d.]+ MiB on disk/);
    expect(readdirSync(temporary)).toEqual([]);
    const refused = headcut([...inLittle, "--temp-limit", "0", sql]);
    expect(refused.stderr).toContain("sort needs more room on disk than spillLimitBytes leaves");
    expect(refused.status).toBe(1);
    expect(headcut([...inLittle, "--temp-limit", "much", sql]).status).toBe(2);
  });

  it("bounds what all statements and tables hold together", () => {
    const sql = "CREATE TABLE t AS SELECT x, repeat('x', 200) AS s FROM range(200000) t(x); SELECT count(*) FROM t";
    expect(headcut(["query", "--memory", "128MB", sql]).stdout).toContain("200000");
    const { stderr, status } = headcut(["query", "--memory", "16MB", sql]);
    expect(stderr).toContain("out-of-memory");
    expect(stderr).toContain("engine");
    expect(status).toBe(1);
  });

  it("takes a folder's files and folders for tables, and leaves the rest alone", () => {
    const data = join(folder, "data");
    mkdirSync(join(data, "split.parquet"), { recursive: true });
    mkdirSync(join(data, "part[1]"));
    mkdirSync(join(data, "empty"));
    writeFileSync(join(data, "readme.txt"), "no table");
    const copies = [
      ["one.parquet", 1],
      ["split.parquet/a.parquet", 2],
      ["split.parquet/b.parquet", 3],
      ["part[1]/x.parquet", 4],
    ].map(([name, rows]) => `COPY (SELECT * FROM range(${rows}) t(x)) TO '${join(data, String(name))}'`);
    expect(headcut(["query", copies.join(";")]).status).toBe(0);
    const sql = `SHOW TABLES; SELECT (SELECT count(*) FROM one) AS a, (SELECT count(*) FROM split) AS b, (SELECT count(*) FROM "part[1]") AS c`;
    expect(headcut(["query", "--data", data, sql]).stdout).toBe("name\none\npart[1]\nsplit\na,b,c\n1,5,4\n");
    expect(headcut(["query", "--data", join(folder, "none"), "SELECT 1"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("none"),
    });
  });

  it("prints nothing for statements without a result", () => {
    for (const format of ["csv", "table", "json", "ndjson"]) {
      expect(headcut(["query", "-f", format, "CREATE TABLE t (a INTEGER); DROP TABLE t"]).stdout).toBe("");
    }
  });

  it("ends quietly when its reader has gone", async () => {
    const running = startHeadcut(["query", "SELECT x, 'some text' AS s FROM range(1000000) t(x)"]);
    await running.until("some text");
    running.process.stdout!.destroy();
    expect(await running.ended).toBe(0);
    expect(running.errors()).toBe("");
  });

  it("is cancelled by Ctrl-C, and leaves no half file", async () => {
    const file = join(folder, "half.csv");
    const slow = "SELECT count(*) FROM range(100000) a(x), range(100000) b(y) WHERE x + y = -1";
    const running = startHeadcut(["query", `SELECT 'started' AS s; COPY (${slow}) TO '${file}'`]);
    await running.until("started");
    await new Promise((resolve) => setTimeout(resolve, 300));
    running.process.kill("SIGINT");
    expect(await running.ended).toBe(130);
    expect(running.errors()).toContain("cancelled");
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("says how long each statement took, on standard error", () => {
    const { stdout, stderr } = headcut(["query", "--timing", "SELECT 1 AS a; SELECT 2 AS b"]);
    expect(stdout).toBe("a\n1\nb\n2\n");
    expect(stderr).toMatch(/^[\d.]+ (ms|s)\n[\d.]+ (ms|s)\n$/);
  });

  it("prints a plan as it is, but for what would spoil the terminal", () => {
    const { stdout } = headcut([
      "query",
      "-f",
      "table",
      "EXPLAIN SELECT x FROM range(5) t(x) WHERE x <> length(chr(27) || 'l')",
    ]);
    expect(stdout).toMatch(/^logical plan:\n.*\n {2}filter /s);
    expect(stdout).not.toContain("│");
    expect(headcut(["query", "-f", "table", "SELECT chr(27) || '\n' AS a"]).stdout).toBe("\\x1b\n\n");
  });

  it("cuts long tables, and shows what would spoil the terminal as escapes", () => {
    const { stdout } = headcut(["query", "-f", "table", "--max-rows", "2", "SELECT x FROM range(5) t(x)"]);
    expect(stdout).toContain("5 rows, 2 shown\n");
    const wide = headcut(["query", "-f", "table", "SELECT '日本' AS a, chr(27) || '[31m' AS b, 'l1\nl2' AS c"]).stdout;
    expect(wide).toContain("│ 日本    │ \\x1b[31m │ l1\\nl2  │");
  });
});
