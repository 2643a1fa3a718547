// The one gate: format and lint, types (by the build before), import edges and cycles, tests with their golden files.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const step = (title, args) => {
  console.log(`— ${title}`);
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  return status === 0;
};

const folder = mkdtempSync(join(tmpdir(), "headcut-check-"));
const report = join(folder, "tests.json");
const passedSteps = [
  step("format and lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", "."]),
  step("types of the tests", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.tests.json"]),
  step("import edges and cycles", ["scripts/check-imports.mjs"]),
  step("tests", [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]),
];

let counts = { numPassedTests: 0, numFailedTests: 1 };
try {
  counts = JSON.parse(readFileSync(report, "utf8"));
} catch (cause) {
  console.error(`no test report: ${cause.message}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed`);
process.exit(passedSteps.every(Boolean) && counts.numPassedTests > 0 ? 0 : 1);
