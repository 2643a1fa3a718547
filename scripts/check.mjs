// The one gate: format and lint, types (by the build before), import edges and cycles, tests with their golden files.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const failedSteps = [];
const step = (title, args) => {
  console.log(`— ${title}`);
  if (spawnSync(process.execPath, args, { stdio: "inherit" }).status !== 0) failedSteps.push(title);
};

const folder = mkdtempSync(join(tmpdir(), "headcut-check-"));
const report = join(folder, "tests.json");
step("format and lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", "."]);
step("types of the tests", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.tests.json"]);
step("import edges and cycles", ["scripts/check-imports.mjs"]);
step("tests", [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
]);

let counts = { numPassedTests: 0, numFailedTests: 1 };
try {
  counts = JSON.parse(readFileSync(report, "utf8"));
} catch (cause) {
  console.error(`no test report: ${cause.message}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed`);
for (const title of failedSteps) console.error(`failed: ${title}`);
process.exit(failedSteps.length === 0 && counts.numPassedTests > 0 ? 0 : 1);
