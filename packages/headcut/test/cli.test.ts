import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const bin = join(import.meta.dirname, "../bin/headcut.js");
const folder = mkdtempSync(join(tmpdir(), "headcut-cli-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const headcut = (args: readonly string[], input = ""): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bin, ...args], {
    input,
    encoding: "utf8",
    env: { ...process.env, HEADCUT_HISTORY: join(folder, "history") },
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
      "2MiB",
      "SELECT count(*) FROM (SELECT a.x * 1000 + b.x AS k, count(*) FROM range(1000) a(x), range(1000) b(x) GROUP BY k)",
    ]);
    expect(stderr).toContain("out-of-memory");
    expect(stderr).toMatch(/aggregate/i);
    expect(status).toBe(1);
  });
});

describe("headcut shell", () => {
  it("takes statements over several lines, dot commands, and keeps a history", () => {
    const input =
      "CREATE TABLE t (a INTEGER);\nINSERT INTO t\n  VALUES (1), (2);\n.mode csv\nSELECT sum(a) AS s\nFROM t;\n.tables\n.exit\n";
    const { stdout, status } = headcut(["shell"], input);
    expect(stdout).toContain("s\n3\n");
    expect(status).toBe(0);
    expect(readFileSync(join(folder, "history"), "utf8")).toContain("SELECT sum(a) AS s FROM t;");
  });

  it("goes on after an error", () => {
    const { stdout } = headcut(["shell"], "SELECT nope;\n.mode csv\nSELECT 1 AS one;\n");
    expect(stdout).toContain("unknown-column");
    expect(stdout).toContain("one\n1\n");
  });
});
