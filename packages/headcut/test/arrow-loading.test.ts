import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** Runs a module in a process of its own, which has `db`, and `loaded()`: whether apache-arrow's code is there. Its output. */
const run = (body: string, flags: readonly string[] = []): string =>
  execFileSync(
    process.execPath,
    [
      ...flags,
      "--input-type=module",
      "--eval",
      `import { Session } from "node:inspector";
       const session = new Session();
       session.connect();
       let found = false;
       session.on("Debugger.scriptParsed", ({ params }) => { found ||= params.url.includes("/apache-arrow/"); });
       session.post("Debugger.enable");
       const loaded = () => found;
       const { connect } = await import("headcut");
       const db = await connect({ threads: 1 });
       ${body}
       await db.close();`,
    ],
    { cwd: import.meta.dirname, encoding: "utf8" },
  ).trim();

describe("apache-arrow", () => {
  it("is not loaded for rows, objects, columns and texts", () => {
    const output = run(`
      const result = await db.query("SELECT 1 AS a, 'x' AS b, NULL AS c, DATE '2024-01-01' AS d");
      console.log(JSON.stringify([result.toRows(), result.toArray(), result.toColumns(), result.toText()]), loaded());`);
    expect(output).toBe(
      '[[[1,"x",null,"2024-01-01"]],[{"a":1,"b":"x","c":null,"d":"2024-01-01"}],[[1],["x"],[null],["2024-01-01"]],' +
        '[["1","x",null,"2024-01-01"]]] false',
    );
  });

  it("says so when the caller's import is under way", () => {
    const output = run(`
      const result = await db.query("SELECT 1 AS a");
      const importing = import("apache-arrow").catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        console.log(result.toArrow().numRows);
      } catch ({ message }) {
        console.log(message);
      }
      await importing;`);
    // Whether the import is past that point is up to Node.
    expect(output).toMatch(/^1$|awaits that import/);
  });

  it.each(["--no-warnings", "--no-experimental-require-module"])("is the caller's copy (%s)", (flag) => {
    const output = run(
      `const table = (await db.query("SELECT 1 AS a")).toArrow();
       const batches = [];
       for await (const batch of db.stream("SELECT 1 AS a")) batches.push(batch);
       let schema;
       for await (const stream of db.run("SELECT 1 AS a")) schema = stream.schema;
       const { RecordBatch, Schema, Table } = await import("apache-arrow");
       console.log(table instanceof Table, batches[0] instanceof RecordBatch, schema instanceof Schema, loaded());`,
      [flag],
    );
    expect(output).toBe("true true true true");
  });

  it("may be loaded by the caller at the same time as by a stream", () => {
    const output = run(`
      const loading = import("apache-arrow");
      let rows = 0;
      for await (const batch of db.stream("SELECT 1 AS a")) if (batch instanceof (await loading).RecordBatch) rows += batch.numRows;
      console.log(rows);`);
    expect(output).toBe("1");
  });
});
