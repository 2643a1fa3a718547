// Makes the stored answers with DuckDB: node scripts/answers.mjs SF DIRECTORY-OF-THE-DATA
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { formatAnswers } from "../dist/answers/answer-text.js";
import { answersPath } from "../dist/answers/stored.js";
import { queryText, tableGlobs, validationParameters } from "../dist/index.js";
import { openDuckDB } from "../dist/runner/duckdb-engine.js";

const [scaleFactor, directory] = process.argv.slice(2);
const engine = await openDuckDB({ directory, tables: tableGlobs(directory) });
const answers = new Map();
for (let number = 1; number <= 22; number++) {
  const { rows } = await engine.query(queryText(number, validationParameters(number, Number(scaleFactor))));
  const values = rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  answers.set(number, { columns: engine.answerColumns(), rows: values });
}
await engine.close();
const text = formatAnswers(answers);
const path = answersPath(Number(scaleFactor));
writeFileSync(path, gzipSync(text, { level: 9 }));
process.stdout.write(`${path}: ${text.split("\n").length - 23} rows\n`);
