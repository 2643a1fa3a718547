// Compares the text form of all tables with the reference's md5 sums: npm run checksums -w tpch -- --sf 1
import { parseArgs } from "node:util";
import { checksums } from "../dist/checksums.js";
import { referenceSums } from "../dist/reference-sums.js";

const { values } = parseArgs({ options: { sf: { type: "string", default: "1" } } });
const expected = referenceSums.get(Number(values.sf));
for (const [table, sum] of checksums(Number(values.sf))) {
  const verdict =
    expected === undefined ? "" : sum === expected[table] ? "right" : `wrong, expected ${expected[table]}`;
  if (verdict.startsWith("wrong")) process.exitCode = 1;
  process.stdout.write(`${table.padEnd(8)} ${sum} ${verdict}\n`);
}
