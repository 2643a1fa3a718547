// Rewrites the expected rows of all sqllogictest files with DuckDB's answers: run `npm run golden:slt` after adding queries.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openOracle } from "../oracle.ts";
import { encodeRow, parseSlt, rewriteSlt } from "./parse-slt.ts";

const folder = "packages/headcut/test/slt/cases";

for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((entry) =>
  entry.endsWith(".slt"),
)) {
  const text = readFileSync(join(folder, name), "utf8");
  const oracle = await openOracle();
  const answers = new Map<number, string[]>();
  for (const record of parseSlt(text).records) {
    try {
      if (record.kind === "query") answers.set(record.line, (await oracle.query(record.sql)).rows.map(encodeRow));
      else if (record.error === undefined) await oracle.run(record.sql);
    } catch (cause) {
      console.error(`${name}:${record.line}: ${record.sql}\n  ${(cause as Error).message}`);
      process.exitCode = 1;
    }
  }
  oracle.close();
  writeFileSync(join(folder, name), rewriteSlt(text, answers));
}
